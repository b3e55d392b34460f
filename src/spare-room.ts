// Room on the data disk that nothing large may take: the server's own writes must not find the disk full.

const mebibyte = 1024 * 1024;

/** Bytes that stay free beside a copy of the database, or beside an update that is fetched. */
export const spareRoom = 256 * mebibyte;

export interface DiskRoom {
  /** Blocks that whoever is not root may take, all blocks, and bytes in one. */
  readonly bavail: number;
  readonly blocks: number;
  readonly bsize: number;
}

/** Bytes that something large may take of a disk. A small one spares a sixteenth: it could hold nothing otherwise. */
export const roomOn = ({ bavail, blocks, bsize }: DiskRoom): number =>
  Math.max(0, bavail * bsize - Math.min(spareRoom, (blocks * bsize) / 16));

/** `bytes` for people, rounded up. */
export const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / mebibyte)} MiB`;
