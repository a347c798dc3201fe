import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ZipError, contentOf, entryOf, isFileName, readZip, writeZip } from "../src/graph/zip";

const text = async (entry: Parameters<typeof contentOf>[0]) => new TextDecoder().decode(await contentOf(entry));

describe("a zip", () => {
  test("comes back as it was written", async () => {
    const files = await Promise.all([entryOf("a.py", "x = 1\n"), entryOf("folder/é.py", "y = 2\n".repeat(1000)), entryOf("empty.txt", "")]);
    const read = readZip(await writeZip(files).arrayBuffer());
    expect(read.map((one) => one.name)).toEqual(["a.py", "folder/é.py", "empty.txt"]);
    expect(await Promise.all(read.map(text))).toEqual(["x = 1\n", "y = 2\n".repeat(1000), ""]);
  });

  test("is one that Python reads, and the other way round", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zip-"));
    const [ours, theirs] = [join(folder, "ours.zip"), join(folder, "theirs.zip")];
    writeFileSync(ours, new Uint8Array(await writeZip([await entryOf("m/é.py", "x = 1\n")]).arrayBuffer()));
    const code = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as one:
    assert one.testzip() is None
    print(one.namelist(), one.read("m/é.py"))
with zipfile.ZipFile(sys.argv[2], "w") as other:
    other.writestr("plain.py", "a = 1", zipfile.ZIP_STORED)
    other.writestr("packed.py", "b = 2" * 100, zipfile.ZIP_DEFLATED)
    other.mkdir("folder") if hasattr(other, "mkdir") else None
`;
    const said = execFileSync("python3", ["-X", "utf8", "-c", code, ours, theirs], { encoding: "utf8" });
    expect(said.trim()).toBe("['m/é.py'] b'x = 1\\n'");
    const file = readFileSync(theirs);
    const read = readZip(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer);
    expect(read.map((one) => one.name)).toEqual(["plain.py", "packed.py"]);
    expect(await Promise.all(read.map(text))).toEqual(["a = 1", "b = 2".repeat(100)]);
  });

  test("of the same files is the same to the last byte", async () => {
    const made = async () => new Uint8Array(await writeZip([await entryOf("a.py", "x")]).arrayBuffer());
    expect(await made()).toEqual(await made());
  });

  test.each([["nothing", new Uint8Array(0)], ["no zip", new Uint8Array(100)], ["a directory that is not there", Uint8Array.from([0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 9, 9, 9, 0, 9, 9, 9, 0, 0, 0])]])(
    "that is %s is refused",
    (_, bytes) => expect(() => readZip(bytes.buffer as ArrayBuffer)).toThrow(ZipError),
  );

  test("whose file is larger than it says, or damaged, is refused when it is unpacked", async () => {
    const entry = await entryOf("bomb.py", "x".repeat(100_000));
    await expect(contentOf({ ...entry, size: 10 })).rejects.toThrow(ZipError);
    await expect(contentOf({ ...entry, crc: 1 })).rejects.toThrow(ZipError);
    await expect(contentOf({ ...entry, size: 1e9 })).rejects.toThrow(ZipError);
  });

  test("takes plain names alone", () => {
    expect(["a.py", "folder/a b.py"].map(isFileName)).toEqual([true, true]);
    expect(["", "/a.py", "../a.py", "a//b", "a\\b", " a", "a/./b"].map(isFileName)).toEqual(Array(7).fill(false));
  });
});
