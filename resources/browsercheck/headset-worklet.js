// Hands every sample to the page, in blocks of a fiftieth of a second or so, and how long the
// sound stood still at worst before each: a computer that is too busy lets it.
const BLOCK = 1024;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.filled = 0;
    this.block = [];
    this.called = 0;
    this.stood_ms = 0;
  }

  process([channels]) {
    if (channels.length === 0) {
      return true; // nothing is connected yet
    }
    const now = Date.now(); // the only clock that goes on here
    const due = this.called + (1000 * channels[0].length) / sampleRate;
    this.stood_ms = this.called > 0 ? Math.max(this.stood_ms, now - due) : 0;
    this.called = now;
    if (this.block.length !== channels.length) {
      this.block = channels.map(() => new Float32Array(BLOCK));
      this.filled = 0;
    }
    channels.forEach((samples, index) => this.block[index].set(samples, this.filled));
    this.filled += channels[0].length;
    if (this.filled >= BLOCK) {
      this.port.postMessage({ blocks: this.block, stood_ms: this.stood_ms });
      this.stood_ms = 0;
      this.block = channels.map(() => new Float32Array(BLOCK));
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor("natwizard-recorder", Recorder);
