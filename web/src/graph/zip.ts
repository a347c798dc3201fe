/** A file of a zip as it lies there; `raw` is compressed as `method` says (0 not at all, 8 deflate). */
export interface ZipEntry {
  name: string;
  method: number;
  crc: number;
  size: number;
  raw: Uint8Array<ArrayBuffer>;
}

/** Why a zip cannot be read. */
export class ZipError extends Error {}

const MOST_FILES = 4096; // compute/bundle.py
const MOST_BYTES = 64 * 1024 ** 2; // of one file when it is opened
const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const [ENCRYPTED, UTF8] = [0x1, 0x800];
const DAY = 0x21; // 1 January 1980: the same files make the same zip

/** The files of a zip, folders left out; what they hold is not looked at. */
export function readZip(content: ArrayBuffer): ZipEntry[] {
  const view = new DataView(content);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > MOST_FILES || at === 0xffffffff) throw new ZipError(`${count} files`);
  const found: ZipEntry[] = [];
  for (let place = 0; place < count; place += 1) {
    if (at + 46 > content.byteLength || view.getUint32(at, true) !== CENTRAL) throw new ZipError("its directory is damaged");
    const flags = view.getUint16(at + 8, true);
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [named, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [number, number, number];
    const local = view.getUint32(at + 42, true);
    const name = nameOf(new Uint8Array(content, at + 46, Math.min(named, content.byteLength - at - 46)));
    if (flags & ENCRYPTED) throw new ZipError(`'${name}' is encrypted`);
    if (local + 30 > content.byteLength || view.getUint32(local, true) !== LOCAL) throw new ZipError(`'${name}' is damaged`);
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (begin + packed > content.byteLength) throw new ZipError(`'${name}' is not whole`);
    if (!name.endsWith("/")) {
      const raw = new Uint8Array(content, begin, packed);
      found.push({ name, method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), size, raw });
    }
    at += 46 + named + extra + comment;
  }
  return found;
}

/** What a file holds; a file that says less than it unpacks to is refused while it is unpacked. */
export async function contentOf(entry: ZipEntry): Promise<Uint8Array<ArrayBuffer>> {
  if (entry.size > MOST_BYTES) throw new ZipError(`'${entry.name}' is too large`);
  if (entry.method === 0) return entry.raw;
  if (entry.method !== 8) throw new ZipError(`'${entry.name}' is packed in a way that is not known here`);
  const whole = new Uint8Array(entry.size);
  let filled = 0;
  const reader = new Blob([entry.raw]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (filled + value.length > whole.length) {
      await reader.cancel();
      throw new ZipError(`'${entry.name}' is larger than it says`);
    }
    whole.set(value, filled);
    filled += value.length;
  }
  if (filled !== whole.length || crcOf(whole) !== entry.crc) throw new ZipError(`'${entry.name}' is damaged`);
  return whole;
}

/** A file made of a text. */
export async function entryOf(name: string, text: string): Promise<ZipEntry> {
  const content = new TextEncoder().encode(text);
  const packed = new Blob([content]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const raw = new Uint8Array(await new Response(packed).arrayBuffer());
  return { name, method: 8, crc: crcOf(content), size: content.length, raw };
}

/** A zip of these files; those that were read from another are taken over as they lay there. */
export function writeZip(entries: readonly ZipEntry[]): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.name);
    const common = [20, UTF8, entry.method, 0, DAY] as const;
    const local = fields(30, LOCAL, [...common], entry, name.length, 4);
    const central = fields(46, CENTRAL, [20, ...common], entry, name.length, 4);
    new DataView(central.buffer).setUint32(42, offset, true);
    directory.push(central, name);
    parts.push(local, name, entry.raw);
    offset += local.length + name.length + entry.raw.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, END, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, entries.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, offset, true);
  return new Blob([...parts, ...directory, new Uint8Array(end.buffer)], { type: "application/zip" });
}

/** Whether a name may stand in a bundle (compute/bundle.py refuses the others). */
export function isFileName(name: string): boolean {
  const parts = name.split("/");
  return name.length < 200 && !/[\\:\u0000-\u001f]/.test(name) && parts.every((part) => part.trim() === part && part !== "" && part !== "." && part !== "..");
}

function fields(length: number, mark: number, shorts: number[], entry: ZipEntry, named: number, from: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, mark, true);
  shorts.forEach((value, place) => view.setUint16(from + 2 * place, value, true));
  const behind = from + 2 * shorts.length;
  view.setUint32(behind, entry.crc, true);
  view.setUint32(behind + 4, entry.raw.length, true);
  view.setUint32(behind + 8, entry.size, true);
  view.setUint16(behind + 12, named, true);
  return new Uint8Array(view.buffer);
}

function endOf(view: DataView): number {
  const least = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= least; at -= 1) if (view.getUint32(at, true) === END) return at;
  throw new ZipError("it is no zip");
}

function nameOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

const TABLE = Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crcOf(content: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of content) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
