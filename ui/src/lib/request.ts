/** A name for a request, so that asking twice never starts two runs. */
export function requestId(): string {
  // Not `randomUUID`: a web view may not count the app's own scheme as a secure origin.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
