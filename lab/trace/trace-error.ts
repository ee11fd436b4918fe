/** A trace that cannot be read, or not to its end. */
import { LabError } from '../errors.ts';

export type TraceErrorCode =
  /** No trace there, or not one of ours. */
  | 'LAB_TRACE_FOREIGN'
  /** Of another schema version. */
  | 'LAB_TRACE_VERSION'
  /** Ends in the middle of something. */
  | 'LAB_TRACE_CUT'
  /** A byte that cannot be. */
  | 'LAB_TRACE_MALFORMED';

const NEXT: Record<TraceErrorCode, string> = {
  LAB_TRACE_FOREIGN: "give the trace folder of a run, the one that holds 'metadata' and 'stream_0'",
  LAB_TRACE_VERSION: 'read it with the version of the lab that made it',
  LAB_TRACE_CUT: 'what came before is readable; what came after is lost',
  LAB_TRACE_MALFORMED: 'what came before is readable; the rest cannot be trusted',
};

export class TraceError extends LabError {
  /** Bytes from the beginning of the stream or file to what is wrong. */
  readonly offset: number;

  constructor(code: TraceErrorCode, offset: number, message: string, evidence: string[] = []) {
    const isWrongFile = code === 'LAB_TRACE_FOREIGN' || code === 'LAB_TRACE_VERSION';
    super({
      code,
      blame: isWrongFile ? 'usage' : 'lab',
      message: isWrongFile ? message : `${message} at byte ${offset}`,
      next: NEXT[code],
      evidence,
    });
    this.name = 'TraceError';
    this.offset = offset;
  }
}
