// A data channel between two ends in this page, both behind the profile's TURN server: what is
// sent goes to the server and back twice before its echo is here.

const MESSAGES = 10;
const GAP_MS = 60;
const LAST_MS = 1000;
const MOST_ROUND_TRIP_MS = 60000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function introduce(near, far) {
  await near.setLocalDescription(await near.createOffer());
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription(await far.createAnswer());
  await near.setRemoteDescription(far.localDescription);
}

// Candidates come before the other end can take them.
export function connect(near, far) {
  const known = introduce(near, far);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ]) {
    one.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) {
        known.then(() => other.addIceCandidate(candidate)).catch(() => {});
      }
    };
  }
  return known;
}

// A server that gives nothing, or refuses the account, need not be waited for.
export function withoutRelay(end) {
  let found = false;
  end.addEventListener("icecandidate", ({ candidate }) => {
    found ||= Boolean(candidate?.candidate);
  });
  return new Promise((resolve) => {
    end.addEventListener("icegatheringstatechange", () => {
      if (end.iceGatheringState === "complete" && !found) {
        resolve("no relay");
      }
    });
  });
}

function echo({ channel }) {
  channel.onmessage = ({ data }) => channel.send(data);
}

async function exchange(channel, times) {
  const sent = [];
  channel.onmessage = ({ data }) => {
    const number = Number(data);
    if (sent[number] !== undefined) {
      times.push(Math.min(performance.now() - sent[number], MOST_ROUND_TRIP_MS));
    }
  };
  for (let number = 0; number < MESSAGES; number += 1) {
    sent[number] = performance.now();
    channel.send(String(number));
    await pause(GAP_MS);
  }
  const ends = performance.now() + LAST_MS;
  while (times.length < MESSAGES && performance.now() < ends) {
    await pause(GAP_MS);
  }
}

export async function measureRelay(instance, turn, deadlineMs) {
  const started = performance.now();
  const times = [];
  let error = "";
  let near;
  let far;
  let opened = false;
  try {
    const settings = { iceServers: [turn], iceTransportPolicy: "relay" };
    near = new RTCPeerConnection(settings);
    far = new RTCPeerConnection(settings);
    near.onicecandidateerror = ({ errorCode, errorText }) => {
      error = `${errorCode} ${errorText}`;
    };
    far.ondatachannel = echo;
    const channel = near.createDataChannel("natwizard", { ordered: false, maxRetransmits: 0 });
    const open = new Promise((resolve) => {
      channel.onopen = resolve;
    });
    const late = pause(deadlineMs).then(() => "late");
    const nothing = withoutRelay(near);
    const both = Promise.all([connect(near, far), open]).then(() => "open");
    opened = (await Promise.race([both, late, nothing])) === "open";
    if (opened) {
      await exchange(channel, times);
    }
  } catch (failure) {
    error = `${failure.name}: ${failure.message}`;
  }
  near?.close();
  far?.close();
  return {
    step: "relay",
    instance,
    opened,
    sent: opened ? MESSAGES : 0,
    round_trips_ms: times.slice(0, MESSAGES),
    duration_ms: Math.min(performance.now() - started, MOST_ROUND_TRIP_MS),
    error: opened ? "" : error.slice(0, 200),
  };
}
