/** Weighted least squares with coefficients ≥ 0, and how well a design tells them apart. */
import { fcnnlsVector } from 'ml-fcnnls';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { assert } from '../base/assert.ts';

/**
 * Coefficients ≥ 0 that minimise Σ weight · (y − row · coefficients)² (Lawson & Hanson, "Solving Least
 * Squares Problems", 1974). As many rows as values in `y`, each as long as there are coefficients;
 * `weights` ≥ 0, all 1 when absent.
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  y: readonly number[],
  weights?: readonly number[],
): number[] {
  assertShape(rows);
  assert(rows.length === y.length, 'as many rows as values');
  // Columns of one size: what is asked in ms and what is asked in seconds is told apart alike.
  const scales = columnLengths(rows);
  const root = (i: number): number => Math.sqrt(weights?.[i] ?? 1);
  const scaled = rows.map((row, i) => row.map((x, j) => (x * root(i)) / (scales[j] ?? 1)));
  const found = fcnnlsVector(
    scaled,
    y.map((value, i) => value * root(i)),
  ).K.to1DArray();
  return found.map((value, j) => Math.max(0, value) / (scales[j] ?? 1));
}

/**
 * Largest ÷ smallest singular value after every column has been brought to length 1: how much larger
 * an error of the coefficients can be than one of the data. 1 is best; Infinity: not told apart.
 */
export function conditionNumber(rows: readonly (readonly number[])[]): number {
  assertShape(rows);
  const scales = columnLengths(rows);
  const scaled = new Matrix(rows.map((row) => row.map((x, j) => x / (scales[j] ?? 1))));
  const values = new SingularValueDecomposition(scaled, { autoTranspose: true }).diagonal;
  const smallest = Math.min(...values);
  return smallest > 1e-12 ? Math.max(...values) / smallest : Number.POSITIVE_INFINITY;
}

function assertShape(rows: readonly (readonly number[])[]): void {
  const width = rows[0]?.length ?? 0;
  assert(width > 0, 'a design has at least one row and one column');
  assert(
    rows.every((row) => row.length === width),
    'all rows of a design are of one length',
  );
}

/** 1 for a column of zeros, whose coefficient then is 0. */
function columnLengths(rows: readonly (readonly number[])[]): number[] {
  const columns = rows[0]?.map((_, j) => Math.hypot(...rows.map((row) => row[j] ?? 0))) ?? [];
  return columns.map((length) => (length > 0 ? length : 1));
}
