// What a recording says of itself: figures from samples, nothing else. natwizard judges them.
// Levels are in dB of full scale; NOTHING_DB stands for silence.

const NOTHING_DB = -120;
const FRAME_S = 0.02;
const LEVEL_FRAMES = 5;
const MOST_LEVELS = 100;
const PAUSE_SHARE = 0.15;
const ABOVE_NOISE = 4; // 6 dB in power: less is not told from noise
const BELOW_LOUDEST = 1e-3; // 30 dB: what is softer is no part of the word
const LEAST_FRAMES = 3; // 60 ms: a syllable lasts longer, the crackle of a plug does not
const VOICE_FROM_HZ = 80;
const CANCELLED = 0.01; // 20 dB
const FULL_SCALE = 0.98;
const CLIPPED_RUN = 3;
const FLAT = 0.002; // of the way to a peak
const FLAT_SHARE = 0.01; // of the speech: a single peak may be round by chance
const FLAT_FROM = 0.05; // below it the steps of 16 bits look flat, too
const GAP_FROM_S = 0.03; // a break of a busy computer is shorter, a pause of a voice longer
const GAP_TO_S = 0.12;
const GAP_EDGE_S = 0.01;
const GAP_EDGE = 0.1; // of the speech: a voice that pauses, or a gate that shuts, falls off first
const BAND_HZ = 250;
const BAND_SHARE = 1e-6;
const SPECTRUM_S = 0.0107; // 512 samples at 48 kHz
const LASTING = 3;
const HUM_RANK = 0.05;
const HUM_LATER_RANK = 0.2;
const HUM_STEADY = 0.5; // 3 dB; a voice that says one note on end changes by more
const HUM_WINDOW_S = 0.2;
const HUM_HARMONICS = 6;
const HUM_ABOVE_NEIGHBOURS = 10;
const HUM_LEAST = 1e-8;

export function decibels(power) {
  return power > 0 ? Math.max(NOTHING_DB, 10 * Math.log10(power)) : NOTHING_DB;
}

export function power(samples) {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  return samples.length > 0 ? sum / samples.length : 0;
}

function mean(values) {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

function rank(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

// A headset may put its voice on one channel of two. A call carries what both have in common: of
// two that are each other's opposite (a balanced microphone at a stereo socket) nothing is left.
function heardIn(channels) {
  const powers = channels.map((each) => power(withoutOffset(each)));
  const most = Math.max(...powers);
  const loudest = channels[powers.indexOf(most)];
  if (channels.length !== 2) {
    return loudest;
  }
  const both = channels[0].map((sample, index) => (sample + channels[1][index]) / 2);
  return power(withoutOffset(both)) < CANCELLED * most ? both : loudest;
}

function withoutOffset(samples) {
  const offset = mean(samples);
  return samples.map((sample) => sample - offset);
}

// Butterworth of the second order: a call carries nothing below a voice, such as the wander of a
// microphone's own voltage, steps on the floor, or a hand on the desk.
function highPassed(samples, rate) {
  const turn = Math.tan((Math.PI * VOICE_FROM_HZ) / rate);
  const scale = 1 / (1 + Math.SQRT2 * turn + turn * turn);
  const [near, far] = [2 * (turn * turn - 1) * scale, (1 - Math.SQRT2 * turn + turn * turn) * scale];
  let [in1, in2, out1, out2] = [samples[0] ?? 0, samples[0] ?? 0, 0, 0];
  return samples.map((sample) => {
    const out = scale * (sample - 2 * in1 + in2) - near * out1 - far * out2;
    [in1, in2, out1, out2] = [sample, in1, out, out1];
    return out;
  });
}

function peakOf(samples) {
  return withoutOffset(samples).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

function framePowers(samples, rate) {
  const size = Math.round(rate * FRAME_S);
  const powers = [];
  for (let start = 0; start + size <= samples.length; start += size) {
    powers.push(power(samples.subarray(start, start + size)));
  }
  return powers;
}

// Speech and pause by short-time energy: the quietest frames are pauses, whatever comes after.
function levels(powers) {
  const quiet = [...powers].sort((a, b) => a - b);
  const noise = mean(quiet.slice(0, Math.max(1, Math.floor(PAUSE_SHARE * quiet.length))));
  const loud = rank(powers, 0.95);
  if (loud === 0 || loud < ABOVE_NOISE * noise) {
    return { noise, speech: 0, spoken: powers.map(() => false) };
  }
  const least = Math.max(ABOVE_NOISE * noise, BELOW_LOUDEST * loud);
  const spoken = lasting(powers.map((each) => each >= least));
  if (!spoken.includes(true)) {
    return { noise, speech: 0, spoken };
  }
  const speech = mean(powers.filter((_, index) => spoken[index])) - noise;
  return { noise, speech, spoken };
}

// Only what goes on for some frames.
function lasting(spoken) {
  const kept = spoken.map(() => false);
  let begun = 0;
  for (let index = 0; index <= spoken.length; index += 1) {
    if (spoken[index]) {
      continue;
    }
    if (index - begun >= LEAST_FRAMES) {
      kept.fill(true, begun, index);
    }
    begun = index + 1;
  }
  return kept;
}

// Ten a second: enough to see when somebody spoke, and nothing of what they said.
function levelsOf(powers) {
  const found = [];
  for (let start = 0; start + LEVEL_FRAMES <= powers.length; start += LEVEL_FRAMES) {
    found.push(Math.round(decibels(mean(powers.slice(start, start + LEVEL_FRAMES)))));
  }
  return found.slice(0, MOST_LEVELS);
}

function inRuns(samples, stands) {
  let found = 0;
  let run = 0;
  for (let index = 0; index <= samples.length; index += 1) {
    if (index < samples.length && stands(samples[index])) {
      run += 1;
      continue;
    }
    found += run >= CLIPPED_RUN ? run : 0;
    run = 0;
  }
  return found;
}

// At full scale, or where a system has turned it down after a converter had clipped it: then its
// peaks are flat and equally high, as those of no voice are.
function clippedShare(samples, spoken, rate) {
  const size = Math.round(rate * FRAME_S);
  const speaking = Math.max(size, spoken.filter(Boolean).length * size);
  const full = inRuns(samples, (sample) => Math.abs(sample) >= FULL_SCALE) / speaking;
  const top = samples.reduce((most, sample) => Math.max(most, sample), -Infinity);
  const bottom = samples.reduce((least, sample) => Math.min(least, sample), Infinity);
  const near = (FLAT * (top - bottom)) / 2;
  const flat =
    (inRuns(samples, (sample) => sample >= top - near) +
      inRuns(samples, (sample) => sample <= bottom + near)) /
    speaking;
  const isFlat = (top - bottom) / 2 >= FLAT_FROM && flat >= FLAT_SHARE;
  return Math.min(1, Math.max(full, isFlat ? flat : 0));
}

// A radio link that loses packets leaves the same number again and again, in mid-word.
function gaps(samples, speech, rate) {
  const edge = Math.round(rate * GAP_EDGE_S);
  const loud = (start) =>
    start >= 0 &&
    start + edge <= samples.length &&
    power(samples.subarray(start, start + edge)) >= GAP_EDGE * speech;
  let found = 0;
  for (let start = 0, end = 0; speech > 0 && start < samples.length; start = end) {
    end = start + 1;
    while (end < samples.length && samples[end] === samples[start]) {
      end += 1;
    }
    const lasts = (end - start) / rate;
    if (lasts >= GAP_FROM_S && lasts <= GAP_TO_S && loud(start - edge) && loud(end)) {
      found += lasts;
    }
  }
  return found;
}

function hann(size) {
  return Float64Array.from({ length: size }, (_, index) => {
    return 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size);
  });
}

// Cooley and Tukey, in place; the size is a power of two.
export function transform(real, imaginary) {
  const size = real.length;
  for (let index = 1, swap = 0; index < size; index += 1) {
    let bit = size >> 1;
    for (; swap & bit; bit >>= 1) {
      swap ^= bit;
    }
    swap ^= bit;
    if (index < swap) {
      [real[index], real[swap]] = [real[swap], real[index]];
      [imaginary[index], imaginary[swap]] = [imaginary[swap], imaginary[index]];
    }
  }
  for (let length = 2; length <= size; length *= 2) {
    const angle = (-2 * Math.PI) / length;
    for (let start = 0; start < size; start += length) {
      for (let step = 0; step < length / 2; step += 1) {
        const cosine = Math.cos(angle * step);
        const sine = Math.sin(angle * step);
        const near = start + step;
        const far = near + length / 2;
        const r = real[far] * cosine - imaginary[far] * sine;
        const i = real[far] * sine + imaginary[far] * cosine;
        real[far] = real[near] - r;
        imaginary[far] = imaginary[near] - i;
        real[near] += r;
        imaginary[near] += i;
      }
    }
  }
}

function bandsOf(samples, start, window, rate) {
  const size = window.length;
  const real = window.map((weight, index) => weight * samples[start + index]);
  const imaginary = new Float64Array(size);
  transform(real, imaginary);
  const bands = new Float64Array(Math.ceil(rate / 2 / BAND_HZ));
  for (let bin = 1; bin < size / 2; bin += 1) {
    bands[Math.floor((bin * rate) / size / BAND_HZ)] += real[bin] ** 2 + imaginary[bin] ** 2;
  }
  return bands;
}

// A busy computer breaks a recording, and each break is a click, which holds every frequency. So
// a band counts by what it holds for three frames on end: an "s" lasts longer, a click does not.
function bandwidth(samples, rate) {
  const window = hann(2 ** Math.round(Math.log2(rate * SPECTRUM_S)));
  const frames = [];
  for (let start = 0; start + window.length <= samples.length; start += window.length) {
    frames.push(bandsOf(samples, start, window, rate));
  }
  const total = frames.reduce((sum, bands) => sum + bands.reduce((all, each) => all + each, 0), 0);
  const least = BAND_SHARE * total;
  const lasts = (band) =>
    frames
      .slice(LASTING - 1)
      .reduce((sum, last, index) => {
        const before = frames.slice(index, index + LASTING - 1).map((each) => each[band]);
        return sum + Math.min(last[band], ...before);
      }, 0) >= least;
  let band = total > 0 ? frames[0].length : 0;
  while (band > 0 && !lasts(band - 1)) {
    band -= 1;
  }
  return band * BAND_HZ;
}

// Goertzel's filter: the power of one frequency.
function toneOf(samples, start, window, frequency, rate) {
  const turn = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  let before = 0;
  let earlier = 0;
  let weights = 0;
  for (let index = 0; index < window.length; index += 1) {
    const now = window[index] * samples[start + index] + turn * before - earlier;
    earlier = before;
    before = now;
    weights += window[index];
  }
  return (2 * (before ** 2 + earlier ** 2 - turn * before * earlier)) / weights ** 2;
}

// Hum never pauses and hardly changes, a voice does: what counts is what its quietest moments hold.
// One of twenty may be worse, where a recording broke off.
function humAt(samples, rate, mains) {
  const window = hann(Math.round(rate * HUM_WINDOW_S));
  const lines = [];
  const between = [];
  for (let start = 0; start + window.length <= samples.length; start += window.length >> 1) {
    let line = 0;
    let beside = 0;
    for (let harmonic = 1; harmonic <= HUM_HARMONICS; harmonic += 1) {
      line += toneOf(samples, start, window, mains * harmonic, rate);
      beside += toneOf(samples, start, window, mains * (harmonic + 0.5), rate);
    }
    lines.push(line);
    between.push(beside);
  }
  const line = rank(lines, HUM_RANK);
  const stands =
    line >= HUM_LEAST &&
    line >= HUM_ABOVE_NEIGHBOURS * rank(between, HUM_RANK) &&
    line >= HUM_STEADY * rank(lines, HUM_LATER_RANK);
  return { mains: stands ? mains : 0, line };
}

function hum(samples, rate) {
  const found = [50, 60].map((mains) => humAt(samples, rate, mains));
  const standing = found.filter(({ mains }) => mains > 0);
  return standing.reduce((best, each) => (each.line > best.line ? each : best), {
    mains: 0,
    line: 0,
  });
}

export function soundFigures(channels, rate) {
  const raw = heardIn(channels);
  const samples = withoutOffset(raw);
  const voice = highPassed(samples, rate);
  const powers = framePowers(voice, rate);
  const { noise, speech, spoken } = levels(powers);
  const tone = hum(samples, rate);
  const peak = Math.max(...channels.map(peakOf));
  return {
    length_s: raw.length / rate,
    speech_s: spoken.filter(Boolean).length * FRAME_S,
    peak_dbfs: decibels(peak * peak),
    silent: channels.every((each) => each.every((sample) => sample === each[0])),
    speech_dbfs: decibels(speech),
    noise_dbfs: decibels(noise),
    clipped: clippedShare(raw, spoken, rate),
    gaps_s: gaps(samples, speech, rate),
    hum_dbfs: decibels(tone.line),
    hum_hz: tone.mains,
    bandwidth_hz: bandwidth(voice, rate),
    levels_dbfs: levelsOf(powers),
  };
}
