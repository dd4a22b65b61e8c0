/** Gives back the memory of a chunk of a stream before the garbage collector does. */

/**
 * Frees a chunk that has its memory alone; any other one stays as it is. Chunks are outside of the heap, so the garbage collector, which
 * looks at the heap, would leave about 70 MB of them. Nothing may use the chunk afterwards: it is empty then.
 */
export function freeChunk({ buffer, byteOffset, byteLength }: Buffer): void {
  if (byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
