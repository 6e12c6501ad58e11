// The exceptions of the W3C surface, by the names that its algorithms use.
// https://webidl.spec.whatwg.org/#idl-DOMException-error-names

/** The names of those that WebRTC throws. */
export type ExceptionName =
  | 'InvalidAccessError'
  | 'InvalidModificationError'
  | 'InvalidStateError'
  | 'NotSupportedError'
  | 'OperationError'
  | 'SyntaxError'
  | 'UnknownError';

/** A new `DOMException`, to be thrown or to reject with. */
export function exception(name: ExceptionName, message: string): DOMException {
  return new DOMException(message, name);
}
