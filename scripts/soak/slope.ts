/** How a row of samples grows. */

export interface Slope {
  /** Per step. */
  readonly perStep: number;
  /** Of `perStep`: one standard error. */
  readonly spread: number;
  readonly mean: number;
}

/** The line of least squares through samples that were taken at equal distances. */
export function slopeOf(samples: readonly number[]): Slope {
  const count = samples.length;
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / count;
  const middle = (count - 1) / 2;
  let squares = 0;
  let products = 0;
  for (const [at, sample] of samples.entries()) {
    squares += (at - middle) ** 2;
    products += (at - middle) * (sample - mean);
  }
  const perStep = products / squares;
  const residual = samples.reduce((sum, sample, at) => sum + (sample - mean - perStep * (at - middle)) ** 2, 0);
  return { perStep, mean, spread: Math.sqrt(residual / (count - 2) / squares) };
}

/** Growth that is neither noise (two standard errors) nor small (2 % of the mean over all samples). */
export function grows(samples: readonly number[]): boolean {
  const { perStep, spread, mean } = slopeOf(samples);
  return (perStep - 2 * spread) * samples.length > mean * 0.02;
}
