// Colours, for terminals only: `--no-color`, NO_COLOR and pipes get plain text.
import { styleText } from 'node:util'

export interface Paint {
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  dim(text: string): string
  strong(text: string): string
}

const plain = (text: string) => text

/** `wanted` is false with `--no-color`. */
export function paintFor(stream: { isTTY?: boolean }, wanted: boolean): Paint {
  const forced = process.env.FORCE_COLOR !== undefined && process.env.FORCE_COLOR !== '0'
  const on = wanted && !process.env.NO_COLOR && (forced || stream.isTTY === true)
  if (!on) return { good: plain, bad: plain, warn: plain, dim: plain, strong: plain }
  return {
    good: (text) => styleText('green', text),
    bad: (text) => styleText('red', text),
    warn: (text) => styleText('yellow', text),
    dim: (text) => styleText('dim', text),
    strong: (text) => styleText('bold', text),
  }
}
