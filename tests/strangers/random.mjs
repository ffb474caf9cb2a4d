// random.mjs -- numbers and choices that a seed repeats.
export class Random {
  constructor(...seeds) {
    this.state = seeds.reduce((h, s) => Math.imul(h ^ s, 0x9e3779b1) ^ (h >>> 15), 0x85ebca6b);
  }

  // mulberry32: in [0, 1).
  real() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n) { return Math.floor(this.real() * n); }
  chance(p) { return this.real() < p; }
  one(list) { return list[this.below(list.length)]; }
}
