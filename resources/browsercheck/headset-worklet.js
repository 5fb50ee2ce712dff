// Hands every sample of the microphone to the page, in blocks of a fiftieth of a second or so.
const BLOCK = 1024;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.filled = 0;
    this.block = [];
  }

  process([channels]) {
    if (channels.length === 0) {
      return true; // nothing is connected yet
    }
    if (this.block.length !== channels.length) {
      this.block = channels.map(() => new Float32Array(BLOCK));
      this.filled = 0;
    }
    channels.forEach((samples, index) => this.block[index].set(samples, this.filled));
    this.filled += channels[0].length;
    if (this.filled >= BLOCK) {
      this.port.postMessage(this.block);
      this.block = channels.map(() => new Float32Array(BLOCK));
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor("natwizard-recorder", Recorder);
