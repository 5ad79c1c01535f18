/** Which slots of a batch run: kept as a flag per slot, as ids, and as runs of consecutive slots. */
export class RunningSlots {
  /** 1: the slot runs [N]. */
  readonly flags: Uint8Array;
  private dirty = true;
  private idList: Int32Array = new Int32Array(0);
  private runList: Int32Array = new Int32Array(0);

  private readonly idScratch: Int32Array;
  private readonly runScratch: Int32Array;

  constructor(slots: number) {
    this.flags = new Uint8Array(slots);
    this.idScratch = new Int32Array(slots);
    this.runScratch = new Int32Array(slots + 1);
  }

  set(slot: number, running: 0 | 1): void {
    if (this.flags[slot] === running) return;
    this.flags[slot] = running;
    this.dirty = true;
  }

  /** Running slots, ascending. The same object until something changes. */
  get ids(): Int32Array {
    if (this.dirty) this.refresh();
    return this.idList;
  }

  /** Pairs (first, end) of consecutive running slots: loops over slots need no indirection. */
  get runs(): Int32Array {
    if (this.dirty) this.refresh();
    return this.runList;
  }

  private refresh(): void {
    const { flags, idScratch, runScratch } = this;
    let ids = 0;
    let ends = 0;
    let before = 0;
    for (let slot = 0; slot < flags.length; slot++) {
      const flag = flags[slot];
      if (flag !== 0) idScratch[ids++] = slot;
      // A run begins or ends where neighbours differ.
      if (flag !== before) runScratch[ends++] = slot;
      before = flag;
    }
    if (before !== 0) runScratch[ends++] = flags.length;
    this.idList = idScratch.slice(0, ids);
    this.runList = runScratch.slice(0, ends);
    this.dirty = false;
  }
}
