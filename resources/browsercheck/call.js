// A call between two ends in this page, each behind the profile's TURN server: what one end says
// goes to the server and back twice before the other hears it. Sent and heard are recorded side by
// side, compared, and forgotten.
import { decibels, power, transform } from "./headset-figures.js";
import { connect, withoutRelay } from "./relay.js";

const LENGTH_S = 10;
const SETTLE_MS = 1500; // the jitter buffer finds its size
const CONNECT_MS = 8000;
const COMPARE_HZ = 8000;
const LONGEST_DELAY_S = 2;
const STEP_S = 0.005;
const WINDOW_S = 1;
const REACH_S = 0.4;
const SURE = 0.8;
const GONE = 0.1; // 20 dB below what was said
const SPOKEN = 0.1; // 20 dB below the loudest
const DROPOUT_S = 0.06;
const MOST_DROPOUTS = 50;
const TICK_MS = 50;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function onlyCodec(transceiver, name) {
  const { codecs } = RTCRtpReceiver.getCapabilities("audio");
  transceiver.setCodecPreferences(
    codecs.filter(({ mimeType }) => mimeType.toLowerCase() === `audio/${name}`),
  );
}

function connected(end) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (end.connectionState === "connected") {
        resolve();
      } else if (end.connectionState === "failed") {
        reject(new Error("no way through the relay"));
      }
    };
    end.addEventListener("connectionstatechange", look);
    look();
  });
}

// One end: it sends this stream; what it hears comes as a node once the call stands.
function makeEnd(sound, relay, mouth) {
  const server = { urls: relay.urls, username: relay.username, credential: relay.credential };
  const end = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" });
  end.addTrack(mouth.getAudioTracks()[0], mouth);
  const ear = new Promise((resolve) => {
    end.ontrack = ({ track }) => {
      const stream = new MediaStream([track]);
      const player = new Audio(); // Chromium decodes only what an element plays
      player.srcObject = stream;
      player.muted = true;
      player.play().catch(() => {});
      resolve(sound.createMediaStreamSource(stream));
    };
  });
  return { end, ear };
}

// Says again and again what was recorded.
function speaker(sound, voice, offset) {
  const speech = new AudioBufferSourceNode(sound, { buffer: voice, loop: true });
  const mouth = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 });
  speech.connect(mouth);
  speech.start(0, offset);
  return { speech, mouth: mouth.stream };
}

// W3C webrtc-stats: what this end counted of what it hears, and what the other told by RTCP.
export async function countsOf({ end }) {
  const all = [...(await end.getStats()).values()];
  const heard = all.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio") ?? {};
  const told = all.find(({ type }) => type === "remote-inbound-rtp") ?? {};
  return { heard, told };
}

async function figuresOf(one) {
  const { heard, told } = await countsOf(one);
  const emitted = heard.jitterBufferEmittedCount ?? 0;
  return {
    received: heard.packetsReceived ?? 0,
    lost: Math.max(0, heard.packetsLost ?? 0),
    jitter_ms: (heard.jitter ?? 0) * 1000,
    samples: heard.totalSamplesReceived ?? 0,
    concealed: heard.concealedSamples ?? 0,
    inserted: heard.insertedSamplesForDeceleration ?? 0,
    removed: heard.removedSamplesForAcceleration ?? 0,
    buffer_ms: emitted > 0 ? (heard.jitterBufferDelay / emitted) * 1000 : 0,
    round_trip_ms: (told.roundTripTime ?? 0) * 1000,
  };
}

function collect(node, seconds, rate) {
  const channels = [[], [], [], []];
  let came = 0;
  let stood_ms = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no sound")), (seconds + 10) * 1000);
    node.port.onmessage = ({ data }) => {
      stood_ms = Math.max(stood_ms, data.stood_ms);
      data.blocks.forEach((block, index) => channels[index].push(block));
      came += data.blocks[0].length;
      if (came >= seconds * rate) {
        clearTimeout(timer);
        node.port.onmessage = null;
        resolve({ recorded: channels.map((blocks) => joined(blocks)), stood_ms });
      }
    };
  });
}

export function joined(blocks) {
  const whole = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let place = 0;
  for (const block of blocks) {
    whole.set(block, place);
    place += block.length;
  }
  return whole;
}

function thinned(samples, factor) {
  return Float32Array.from({ length: Math.floor(samples.length / factor) }, (_, index) => {
    let sum = 0;
    for (let step = 0; step < factor; step += 1) {
      sum += samples[index * factor + step];
    }
    return sum / factor;
  });
}

// The shift at which what was heard is most like what was sent; likeness is 1 for the same.
function aligned(sent, heard, rate) {
  const size = 2 ** Math.ceil(Math.log2(sent.length * 2));
  const spectra = [sent, heard].map((samples) => {
    const real = new Float64Array(size);
    real.set(samples);
    const imaginary = new Float64Array(size);
    transform(real, imaginary);
    return { real, imaginary };
  });
  const [one, other] = spectra;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (let bin = 0; bin < size; bin += 1) {
    real[bin] = one.real[bin] * other.real[bin] + one.imaginary[bin] * other.imaginary[bin];
    imaginary[bin] = one.imaginary[bin] * other.real[bin] - one.real[bin] * other.imaginary[bin];
  }
  transform(real, imaginary);
  let best = 0;
  for (let shift = 1; shift < LONGEST_DELAY_S * rate; shift += 1) {
    best = Math.abs(real[shift]) > Math.abs(real[best]) ? shift : best;
  }
  const scale = Math.sqrt(power(sent) * power(heard)) * sent.length * size;
  return { shift: best, likeness: scale > 0 ? Math.min(1, Math.abs(real[best]) / scale) : 0 };
}

// Loudness in steps of 5 ms.
function envelope(samples, rate) {
  const size = Math.round(STEP_S * rate);
  return Float32Array.from({ length: Math.floor(samples.length / size) }, (_, index) =>
    Math.sqrt(power(samples.subarray(index * size, (index + 1) * size))),
  );
}

function likenessAt(said, came, from, to, lag) {
  let both = 0;
  let one = 0;
  let other = 0;
  for (let step = from; step < to; step += 1) {
    const heard = came[step + lag] ?? 0;
    both += said[step] * heard;
    one += said[step] ** 2;
    other += heard ** 2;
  }
  return one > 0 && other > 0 ? both / Math.sqrt(one * other) : 0;
}

// A jitter buffer that grows in the middle of a call makes all that follows later: each second is
// looked for by itself, near where the whole was found.
function lagsOf(said, came, around) {
  const window = Math.round(WINDOW_S / STEP_S);
  const reach = Math.round(REACH_S / STEP_S);
  const found = [];
  for (let from = 0; from + window <= said.length - around - reach; from += window) {
    let best = { lag: found.at(-1)?.lag ?? around, likeness: 0 };
    for (let lag = Math.max(0, around - reach); lag <= around + reach; lag += 1) {
      const likeness = likenessAt(said, came, from, from + window, lag);
      best = likeness > best.likeness ? { lag, likeness } : best;
    }
    const sure = best.likeness >= SURE;
    found.push({ from, lag: sure ? best.lag : (found.at(-1)?.lag ?? around), sure });
  }
  return { found, window };
}

function dropoutsIn(said, came, { found, window }, gain) {
  const loudest = Math.max(0, ...said);
  const dropouts = [];
  let run = 0;
  const end = (step) => {
    if (run * STEP_S >= DROPOUT_S && dropouts.length < MOST_DROPOUTS) {
      dropouts.push({ start_s: (step - run) * STEP_S, length_s: run * STEP_S });
    }
    run = 0;
  };
  found.forEach(({ from, lag }, index) => {
    // where the buffer changed its size, either side of the change may hold
    const lags = [lag, found[index - 1]?.lag ?? lag, found[index + 1]?.lag ?? lag];
    for (let step = from; step < from + window; step += 1) {
      const spoken = said[step] > SPOKEN * loudest;
      if (spoken && lags.every((each) => (came[step + each] ?? 0) < GONE * gain * said[step])) {
        run += 1;
      } else {
        end(step);
      }
    }
  });
  end(found.length * window);
  return dropouts;
}

export function compare(sentWhole, heardWhole, rate) {
  const factor = Math.max(1, Math.floor(rate / COMPARE_HZ));
  const slow = rate / factor;
  const [sent, heard] = [sentWhole, heardWhole].map((samples) => thinned(samples, factor));
  const { shift, likeness } = aligned(sent, heard, slow);
  const later = heard.subarray(shift);
  const same = sent.subarray(0, later.length);
  const gain = power(same) > 0 ? power(later) / power(same) : 0;
  const [said, came] = [sent, heard].map((samples) => envelope(samples, slow));
  const lags = lagsOf(said, came, Math.round(shift / slow / STEP_S));
  const sure = lags.found.filter((each) => each.sure).map(({ lag }) => lag);
  sure.sort((a, b) => a - b);
  const middle = sure[sure.length >> 1] * STEP_S * 1000;
  return {
    delay_ms: sure.length > 0 ? middle : (shift / slow) * 1000,
    likeness,
    level_db: Math.max(-120, Math.min(120, gain > 0 ? decibels(gain) : -120)),
    dropouts: dropoutsIn(said, came, lags, Math.sqrt(gain)),
  };
}

// A page that is late by much while it waits has a computer behind it that cannot keep up.
function watchLag() {
  const late = [];
  let due = performance.now() + TICK_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - due));
    due = now + TICK_MS;
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    late.sort((a, b) => a - b);
    return Math.min(60000, late[Math.floor(0.95 * late.length)] ?? 0);
  };
}

async function hold(sound, near, far) {
  const node = new AudioWorkletNode(sound, "natwizard-recorder", {
    channelCount: 4,
    channelCountMode: "explicit",
    channelInterpretation: "discrete",
  });
  const merger = new ChannelMergerNode(sound, { numberOfInputs: 4 });
  const sources = [near.speech, await far.ear, far.speech, await near.ear];
  sources.forEach((source, index) => source.connect(merger, 0, index));
  await pause(SETTLE_MS);
  merger.connect(node).connect(sound.destination);
  const seconds = [[], []];
  const note = async () => {
    const both = await Promise.all([far, near].map(figuresOf));
    both.forEach((figures, index) => seconds[index].push(figures));
  };
  const endLag = watchLag();
  await note();
  const timer = setInterval(note, 1000);
  try {
    const { recorded, stood_ms } = await collect(node, LENGTH_S, sound.sampleRate);
    clearInterval(timer);
    await note();
    const [said, heard, saidBack, heardBack] = recorded;
    const lag = endLag();
    return {
      lag,
      stood_ms: Math.min(60000, stood_ms),
      heard,
      directions: [
        { seconds: seconds[0].slice(0, 20), ...compare(said, heard, sound.sampleRate) },
        { seconds: seconds[1].slice(0, 20), ...compare(saidBack, heardBack, sound.sampleRate) },
      ],
    };
  } finally {
    clearInterval(timer);
    merger.disconnect();
    node.disconnect();
  }
}

// Two ends that hear each other by this way. Throws where they do not.
export async function makeCall(sound, relay, mouths, codec) {
  const [near, far] = mouths.map((mouth) => makeEnd(sound, relay, mouth));
  try {
    onlyCodec(near.end.getTransceivers()[0], codec);
    const late = pause(CONNECT_MS).then(() => Promise.reject(new Error("late")));
    const nothing = withoutRelay(near.end).then(() => Promise.reject(new Error("no relay")));
    const both = Promise.all([
      connect(near.end, far.end),
      connected(near.end),
      connected(far.end),
    ]);
    await Promise.race([both, late, nothing]);
  } catch (error) {
    near.end.close();
    far.end.close();
    throw error;
  }
  return { near, far };
}

async function through(sound, relay, voice, codec) {
  const started = performance.now();
  const tried = { transport: relay.transport, connected: false, setup_ms: 0, error: "" };
  const speakers = [0, voice.duration / 3].map((offset) => speaker(sound, voice, offset));
  let ends = null;
  let call = null;
  try {
    const mouths = speakers.map(({ mouth }) => mouth);
    ends = await makeCall(sound, relay, mouths, codec);
    tried.connected = true;
    tried.setup_ms = performance.now() - started;
    const [near, far] = [ends.near, ends.far].map((end, index) => ({ ...end, ...speakers[index] }));
    call = await hold(sound, near, far);
  } catch (error) {
    tried.error = `${error.name}: ${error.message}`.slice(0, 200);
    tried.setup_ms ||= Math.min(60000, performance.now() - started);
  }
  speakers.forEach(({ speech }) => speech.stop());
  ends?.near.end.close();
  ends?.far.end.close();
  return { tried, call };
}

async function standsBy(sound, relay) {
  const started = performance.now();
  const tried = { transport: relay.transport, connected: false, setup_ms: 0, error: "" };
  const mouths = [0, 1].map(() => new MediaStreamAudioDestinationNode(sound).stream);
  try {
    const { near, far } = await makeCall(sound, relay, mouths, "opus");
    near.end.close();
    far.end.close();
    tried.connected = true;
  } catch (error) {
    tried.error = `${error.name}: ${error.message}`.slice(0, 200);
  }
  tried.setup_ms = Math.min(60000, performance.now() - started);
  return tried;
}

// What a webphone would fall back to, side by side: whether it would get through, and no more.
export async function tryFallbacks(instance, sound, relays) {
  const tried = await Promise.all(relays.map((relay) => standsBy(sound, relay)));
  return { step: "fallbacks", instance, tried };
}

// UDP first, then what the webphone would fall back to. Answers with the step, and what was heard.
export async function placeCall(instance, sound, voice, relays, codec) {
  const tried = [];
  for (const relay of relays) {
    const came = await through(sound, relay, voice, codec);
    tried.push(came.tried);
    if (came.call) {
      const { directions, lag, stood_ms, heard } = came.call;
      const step = { step: "called", instance, codec, tried, directions, lag_ms: lag, stood_ms };
      return { step, heard };
    }
  }
  return { step: { step: "called", instance, codec, tried, directions: [], lag_ms: 0 }, heard: null };
}
