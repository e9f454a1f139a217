// How long to wait before looking again: aimed at the moment a thing becomes ready, and polite to AWS. Pure.

/** Between two looks passes at least this many times what a look takes. */
const restPerLook = 3;
/** The same for what usually takes minutes: demos that start at once share AWS's 40 requests at once and 10 a second. */
const longRestPerLook = 7;
/** The first looks may follow closely: what is ready in a moment should not wait for politeness. */
const closeLooks = 10;
const longMs = 60_000;
/** A look at a thing that takes T comes at most this share of T late. */
const share = 0.025;
/** Far from the usual moment looks may come later. */
const sparseShare = 0.15;
/** What is not ready within this is not going to be ready in a moment. */
const instantMs = 10_000;
const shortestMs = 20;
/** Between two attempts at a change: EC2 takes five RunInstances at once, and then two a second. */
const shortestRetryMs = 50;
const retryMs = 1_000;
const patientRetryMs = 5_000;
const longestMs = 2_500;
const longestOverdueMs = 5_000;

export interface Progress {
  /** Since the first look. */
  elapsedMs: number;
  /** What the last look took. */
  lookMs: number;
  /** How long such a thing usually takes. Absent: nobody knows. */
  typicalMs?: number;
}

/**
 * Milliseconds until the next look. A share of what has passed, so that what is ready soon is seen at once and what takes
 * minutes costs few calls; never so short that the asking itself becomes the load: a slow or throttled AWS stretches it.
 */
export function nextPause({ elapsedMs, lookMs, typicalMs = 0 }: Progress): number {
  const early = elapsedMs > instantMs && elapsedMs < typicalMs / 2;
  const longest = early || elapsedMs > Math.max(typicalMs * 3, 120_000) ? longestOverdueMs : longestMs;
  const aimed = elapsedMs * (early ? sparseShare : share);
  const rest = lookMs * (elapsedMs < lookMs * closeLooks ? 1 : typicalMs >= longMs ? longRestPerLook : restPerLook);
  return Math.min(longest, Math.max(shortestMs, aimed, rest));
}

/**
 * Milliseconds until a refused change is tried again. Each pause is as long as all before it together, up to a second, and
 * later a tenth of what has passed: what is refused a moment after its cause is gone must not be asked for forty times.
 */
export function nextRetry({ elapsedMs, lookMs }: Pick<Progress, 'elapsedMs' | 'lookMs'>): number {
  const longest = Math.min(patientRetryMs, Math.max(retryMs, elapsedMs / 10));
  return Math.min(longest, Math.max(shortestRetryMs, elapsedMs, lookMs));
}
