// The headset test: four seconds of the microphone, looked at and played back. The samples never
// leave this page; natwizard gets figures, and judges them.
import { joined, placeCall, tryFallbacks } from "./call.js";
import { decibels, power, soundFigures } from "./headset-figures.js";
import { hello, instance } from "./hello.js";
import { holdCall, Over } from "./held-call.js";
import { openMicrophone, Trouble } from "./microphone.js";
import { post } from "./site-data.js";

const RECORD_S = 4;
const SETTLE_S = 0.5; // some devices begin with a click, others with nothing
const STALLED_MS = 5000;
const RESUME_MS = 2000;
const LOOKING_MS = 2500;
const ASLEEP_MS = 3000; // no timer of a computer that is awake is so late
const UNASKED_MS = 8000; // longer than somebody takes who sees a question and reads it
const LOWEST_DB = -60;
const QUIET_DB = -50;
const LOUD_DB = -6;
const WORD_MS = 400;
const STOOD_MS = 60; // more than a buffer: then a gap may be this computer's own
// as the device gives it: what the browser would correct is what we look for
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const meter = document.getElementById("level");
const level = { target: LOWEST_DB, shown: LOWEST_DB, told: 0 };
let sound = null; // the AudioContext of this try
let ended = false;
let relays = []; // TURN servers in the order they are tried; none where the profile has none
let voice = null; // what was recorded in this try, and has speech in it
let caller = null; // how a caller hears it

let pages = 0; // so many were shown

function show(name) {
  pages += 1;
  for (const section of document.querySelectorAll("main > section")) {
    section.hidden = section.id !== name;
  }
  // a screen reader reads on from here
  document.querySelector(`#${name} h1:not([hidden])`).focus({ preventScroll: true });
}

async function at(stage) {
  show(stage);
  return post({ step: "at_stage", instance, stage });
}

// Only Windows has a device for calls beside the one for all else, and only Chromium tells. Some
// systems never answer.
async function sameForCalls() {
  const late = pause(LOOKING_MS).then(() => []);
  const found = await Promise.race([navigator.mediaDevices.enumerateDevices(), late]);
  const microphones = found.filter(({ kind }) => kind === "audioinput");
  const [usual, calls] = ["default", "communications"].map((id) =>
    microphones.find(({ deviceId }) => deviceId === id),
  );
  return usual && calls ? usual.groupId === calls.groupId : null;
}

// Where no output can be opened, some browsers never begin: then recording tells why.
function begin() {
  return Promise.race([sound.resume(), pause(RESUME_MS)]);
}

// Nothing comes: from the microphone, or because the browser's sound, or the computer, stood still.
function nothingSince(moment) {
  if (sound.state !== "running") {
    return new Trouble("other", { name: "AudioContext", message: sound.state });
  }
  const asleep = Date.now() - moment > STALLED_MS + ASLEEP_MS;
  return asleep ? new Trouble("other", { name: "Clock", message: "asleep" }) : new Trouble("stalled");
}

function record(stream) {
  const [track] = stream.getAudioTracks();
  const node = new AudioWorkletNode(sound, "natwizard-recorder", { numberOfOutputs: 1 });
  sound.createMediaStreamSource(stream).connect(node);
  node.connect(sound.destination); // its output is silence; some browsers pull only what is heard
  const wanted = RECORD_S * sound.sampleRate;
  const skipped = SETTLE_S * sound.sampleRate;
  const channels = [];
  let came = 0;
  let stood = 0;
  let timer = 0;
  return new Promise((resolve, reject) => {
    const wait = () => {
      const since = Date.now();
      clearTimeout(timer);
      timer = setTimeout(() => reject(nothingSince(since)), STALLED_MS);
    };
    wait();
    track.onended = () => reject(new Trouble("unplugged"));
    if (track.readyState === "ended") {
      track.onended(); // before anybody listened for it
    }
    node.port.onmessage = ({ data }) => {
      wait();
      level.target = Math.max(...data.blocks.map((block) => decibels(power(block))));
      came += data.blocks[0].length;
      if (came <= skipped) {
        return;
      }
      stood = Math.max(stood, data.stood_ms);
      data.blocks.forEach((block, index) => (channels[index] ??= []).push(block));
      progress((came - skipped) / wanted);
      if (came >= skipped + wanted) {
        const whole = channels.map(joined);
        const even = whole.filter((each) => each.length === whole[0].length);
        resolve({ channels: even, stood });
      }
    };
  }).finally(() => {
    clearTimeout(timer);
    track.onended = node.port.onmessage = null;
    node.disconnect();
  });
}

function progress(share) {
  document.getElementById("recorded").style.transform = `scaleX(${Math.min(1, share)})`;
}

function bufferOf(channels) {
  const buffer = sound.createBuffer(channels.length, channels[0].length, sound.sampleRate);
  channels.forEach((samples, index) => buffer.copyToChannel(samples, index));
  return buffer;
}

let playing = null;

function play(buffer) {
  playing?.stop(); // twice at once would be an echo that no caller hears
  const source = sound.createBufferSource();
  playing = source;
  source.buffer = buffer;
  source.connect(sound.destination);
  const over = new Promise((resolve) => {
    source.onended = resolve;
  });
  // a speaker that cannot be opened never ends it
  const late = pause((buffer.duration + 2) * 1000);
  source.start();
  return Promise.race([over, late]);
}

// A question that was closed without an answer leaves some browsers waiting for ever.
async function ask(settings) {
  const unasked = document.getElementById("unasked");
  unasked.hidden = true;
  await at("asking");
  const timer = setTimeout(() => (unasked.hidden = false), UNASKED_MS);
  try {
    return await openMicrophone(settings);
  } finally {
    clearTimeout(timer);
  }
}

async function hear() {
  const stream = await ask(PLAIN);
  let channels;
  let stood;
  try {
    await sound.audioWorklet.addModule("headset-worklet.js");
    await begin();
    progress(0);
    const name = stream.getAudioTracks()[0].label;
    document.getElementById("device").hidden = name === "";
    document.getElementById("device-name").textContent = name;
    await at("recording");
    ({ channels, stood } = await record(stream));
    const figures = soundFigures(channels, sound.sampleRate);
    figures.gaps_s = stood < STOOD_MS ? figures.gaps_s : 0;
    voice = figures.speech_s > 0 ? bufferOf(channels) : null;
    const [track] = stream.getAudioTracks();
    await post({
      step: "recorded",
      instance,
      device: track.label.slice(0, 200),
      sample_rate_hz: track.getSettings().sampleRate ?? sound.sampleRate,
      output_rate_hz: sound.sampleRate,
      channels: channels.length,
      default_is_communications: await sameForCalls(),
      figures,
    });
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    level.target = LOWEST_DB;
  }
  await at("playing");
  await play(bufferOf(channels));
  await at("question");
}

async function attempt(doing) {
  sound?.close();
  try {
    sound = new AudioContext();
    await doing();
  } catch (error) {
    if (error instanceof Over) {
      leave("done");
      return;
    }
    if (error instanceof TypeError && !(error instanceof Trouble)) {
      throw error; // natwizard does not answer any more
    }
    await tell(error instanceof Trouble ? error : new Trouble("other", error));
  }
}

let missing = false;

async function tell(trouble) {
  missing = ["unplugged", "not_found"].includes(trouble.kind);
  // before the person can press anything: what they end with is what counts
  await post({
    step: "refused",
    instance,
    trouble: trouble.kind,
    error: trouble.message.slice(0, 200),
  });
  for (const words of document.querySelectorAll("#trouble [data-trouble]")) {
    words.hidden = words.dataset.trouble !== trouble.kind;
  }
  document.getElementById("trouble").dataset.kind = trouble.kind;
  await at("trouble");
}

// For as long as the watch lasts; a microphone that comes back is taken again.
async function hold() {
  missing = false;
  const stream = await ask(true);
  try {
    await begin();
    if (sound.state !== "running") {
      throw nothingSince(Date.now());
    }
    await holdCall(instance, sound, stream, relays, at);
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}

async function answer(yes) {
  await post({ step: "heard", instance, yes });
  if (relays.length === 0 || voice === null) {
    await finish();
    return;
  }
  await at("calling");
  let ways = relays;
  for (const codec of ["opus", "pcmu"]) {
    const { step, heard } = await placeCall(instance, sound, voice, ways, codec);
    await post(step);
    caller = heard ?? caller;
    if (step.directions.length === 0) {
      break; // another codec finds no other way
    }
    // what did not let the first through need not be waited for again
    ways = ways.slice(step.tried.length - 1);
  }
  const [first, ...others] = ways;
  if (caller !== null && first === relays[0] && others.length > 0) {
    await post(await tryFallbacks(instance, sound, others));
  }
  if (caller === null) {
    await finish();
    return;
  }
  await at("caller");
}

async function finish() {
  await post({ step: "done", instance });
  leave("done");
}

function leave(name) {
  ended = true;
  sound?.close();
  show(name);
}

// The bar follows at once and falls slowly, as the eye expects of a level.
function draw(now) {
  const share = level.target > level.shown ? 0.6 : 0.12;
  level.shown += (level.target - level.shown) * share;
  const height = Math.min(1, Math.max(0, 1 - level.shown / LOWEST_DB));
  meter.firstElementChild.style.transform = `scaleX(${height.toFixed(3)})`;
  if (now - level.told > WORD_MS) {
    level.told = now;
    const word = level.shown < QUIET_DB ? "quiet" : level.shown > LOUD_DB ? "loud" : "good";
    meter.dataset.level = word;
    meter.setAttribute("aria-valuenow", String(Math.round(height * 100)));
    meter.setAttribute("aria-valuetext", meter.dataset[word]);
    document.getElementById("level-word").textContent = meter.dataset[word];
  }
  requestAnimationFrame(draw);
}

addEventListener("pagehide", () => {
  if (!ended) {
    navigator.sendBeacon("steps", JSON.stringify({ step: "closed", instance }));
  }
});

function gone() {
  leave("gone");
}

let underWay = null;
let pressedOn = 0; // the page whose button was pressed, until what it began is over

// A double-click is one answer. What is pressed on a page that natwizard has not been told of yet
// waits for that: the person sees it a moment earlier, and may be quick.
async function once(doing) {
  if (pressedOn === pages) {
    return;
  }
  const here = pages;
  const before = underWay;
  pressedOn = here;
  underWay = (async () => {
    await before?.catch(() => {});
    await doing();
  })();
  try {
    await underWay;
  } finally {
    pressedOn = pressedOn === here ? 0 : pressedOn;
  }
}

async function run() {
  const welcome = await post(await hello());
  if (welcome.status === 409) {
    ended = true;
    show("twice");
    return;
  }
  const task = await welcome.json();
  relays = task.relays;
  document.documentElement.dataset.holds = String(task.holds);
  for (const button of document.querySelectorAll("button[data-do]")) {
    const doing = {
      test: () => once(() => attempt(task.holds ? hold : hear)),
      yes: () => once(() => answer(true)),
      no: () => once(() => answer(false)),
      listen: () => play(bufferOf([caller])),
      stop: finish,
    }[button.dataset.do];
    button.addEventListener("click", () => doing().catch(gone));
  }
  requestAnimationFrame(draw);
  navigator.mediaDevices?.addEventListener("devicechange", () => {
    if (task.holds && missing) {
      attempt(hold).catch(gone);
    }
  });
  const first = task.holds ? "offered-call" : "offered";
  show(first);
  document.querySelector(`#${first} button`).focus();
}

run().catch(gone);
