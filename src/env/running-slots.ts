/** Which slots of a batch run: kept as a flag per slot, as ids, and as runs of consecutive slots. */
export class RunningSlots {
  /** 1: the slot runs [N]. */
  readonly flags: Uint8Array;
  private dirty = true;
  private idList: Int32Array = new Int32Array(0);
  private runList: Int32Array = new Int32Array(0);

  constructor(slots: number) {
    this.flags = new Uint8Array(slots);
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
    const ids: number[] = [];
    const runs: number[] = [];
    for (let slot = 0; slot < this.flags.length; slot++) {
      if (this.flags[slot] === 0) continue;
      if (slot === 0 || this.flags[slot - 1] === 0) runs.push(slot, slot);
      runs[runs.length - 1] = slot + 1;
      ids.push(slot);
    }
    this.idList = Int32Array.from(ids);
    this.runList = Int32Array.from(runs);
    this.dirty = false;
  }
}
