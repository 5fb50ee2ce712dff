// A call that is held for as long as natwizard watches the line: what each end counts goes to it
// once a second. A call that breaks is made again.
import { countsOf, makeCall } from "./call.js";
import { Trouble } from "./microphone.js";
import { post } from "./site-data.js";

const SECOND_MS = 1000;
const AGAIN_MS = 3000;
const BROKEN_S = 6; // a browser finds back by itself where a way is gone for less

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// natwizard wants no more.
export class Over extends Error {}

async function firstWay(sound, stream, relays) {
  for (const relay of relays) {
    try {
      const ends = await makeCall(sound, relay, [stream, stream], "opus");
      return { ...ends, transport: relay.transport };
    } catch {
      // the next one
    }
  }
  return null;
}

function since(before, now, name) {
  return Math.max(0, (now.heard[name] ?? 0) - (before.heard[name] ?? 0));
}

function secondOf(before, now) {
  const emitted = since(before, now, "jitterBufferEmittedCount");
  return {
    received: since(before, now, "packetsReceived"),
    lost: since(before, now, "packetsLost"),
    samples: since(before, now, "totalSamplesReceived"),
    concealed: since(before, now, "concealedSamples"),
    jitter_ms: Math.min(60000, (now.heard.jitter ?? 0) * 1000),
    buffer_ms:
      emitted > 0 ? Math.min(60000, (since(before, now, "jitterBufferDelay") / emitted) * 1000) : 0,
    round_trip_ms: Math.min(60000, (now.told.roundTripTime ?? 0) * 1000),
  };
}

// Until the call breaks. The wall clock goes on while a computer sleeps.
async function count(instance, { near, far, transport }) {
  const both = () => Promise.all([far, near].map(countsOf));
  let before = await both();
  let broken = 0;
  let due = Date.now() + SECOND_MS;
  while (broken < BROKEN_S) {
    await pause(Math.max(0, due - Date.now()));
    const late_ms = Math.max(0, Date.now() - due);
    due = Date.now() + SECOND_MS;
    const now = await both();
    const directions = now.map((counts, index) => secondOf(before[index], counts));
    before = now;
    const answer = await post({ step: "watched", instance, transport, directions, late_ms });
    if (answer.status === 409) {
      throw new Over();
    }
    const states = [near, far].map(({ end }) => end.connectionState);
    if (states.some((state) => state === "failed" || state === "closed")) {
      return;
    }
    broken = states.every((state) => state === "connected") ? 0 : broken + 1;
  }
}

// Ends by an error: Over, or Trouble where the microphone goes away.
export async function holdCall(instance, sound, stream, relays, at) {
  const [track] = stream.getAudioTracks();
  const gone = new Promise((_, reject) => {
    track.onended = () => reject(new Trouble("unplugged"));
  });
  gone.catch(() => {});
  let call = null;
  try {
    await at("connecting");
    for (;;) {
      call = await Promise.race([firstWay(sound, stream, relays), gone]);
      if (call !== null) {
        await at("holding");
        await Promise.race([count(instance, call), gone]);
        call.near.end.close();
        call.far.end.close();
      }
      const answer = await at("call_lost");
      if (answer.status === 409) {
        throw new Over();
      }
      await Promise.race([pause(AGAIN_MS), gone]);
    }
  } finally {
    track.onended = null;
    call?.near.end.close();
    call?.far.end.close();
  }
}
