/** As much of a browser as the page uses: the library itself is compiled without one. */
export interface Paint {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineCap: string;
  lineJoin: string;
  font: string;
  clearRect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  closePath(): void;
  fill(): void;
  stroke(): void;
}

export interface Pointer {
  readonly clientX: number;
  readonly clientY: number;
  readonly pointerId: number;
  preventDefault(): void;
}

export interface Element {
  textContent: string | null;
  addEventListener(type: string, listener: (event: Pointer) => void): void;
}

export interface Canvas extends Element {
  width: number;
  height: number;
  readonly clientWidth: number;
  readonly clientHeight: number;
  getContext(kind: '2d'): Paint;
  getBoundingClientRect(): { readonly left: number; readonly top: number };
  setPointerCapture(pointer: number): void;
}

export interface Browser {
  readonly devicePixelRatio: number;
  readonly document: {
    getElementById(id: string): Element;
    addEventListener(type: string, listener: () => void): void;
  };
  requestAnimationFrame(draw: (now: number) => void): void;
  trellis?: unknown;
}

export const browser = globalThis as unknown as Browser;
