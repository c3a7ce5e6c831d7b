import { Matrix, QrDecomposition } from "ml-matrix";
import type { Prediction, SeasonModel } from "./season-model.ts";
import type { Day } from "./weather-day.ts";

const msPerDay = 86_400_000;
const daysPerYear = 365.2425;

/** The wave that is nearest to the days by least squares; it has no persistence. */
export function fitSeason(days: readonly Day[], harmonics: number): SeasonModel {
  const size = 1 + 2 * harmonics;
  if (days.length < size) throw new RangeError(`${size} coefficients need at least as many days, and there are ${days.length}.`);
  const design = new Matrix(days.map((day) => basis(dayNumber(day.date), harmonics)));
  const target = Matrix.columnVector(days.map((day) => day.tempMax));
  return { harmonics, coefficients: new QrDecomposition(design).solve(target).to1DArray(), persistence: 0 };
}

/** The same wave with the persistence that is nearest to how the days follow each other. */
export function fitPersistence(days: readonly Day[], model: SeasonModel): SeasonModel {
  const pairs = days.flatMap((day, index) => {
    const before = days[index - 1];
    return before !== undefined && follows(before, day) ? [{ before: residual(before, model), now: residual(day, model) }] : [];
  });
  const together = pairs.reduce((sum, { before, now }) => sum + before * now, 0);
  const alone = pairs.reduce((sum, { before }) => sum + before * before, 0);
  return { ...model, persistence: alone === 0 ? 0 : together / alone };
}

/**
 * The root mean square error, in °C, of forecasting each day from the day before, by models that have not seen it: the days
 * are cut into `folds` stretches, and each is forecast by a model of all the others.
 */
export function crossValidate(days: readonly Day[], folds: number, fit: (training: readonly Day[]) => SeasonModel): number {
  if (days.length < folds) throw new RangeError(`${folds} folds need at least as many days, and there are ${days.length}.`);
  const squares = foldsOf(days, folds).flatMap(({ from, to }) => {
    const model = fit([...days.slice(0, from), ...days.slice(to)]);
    return days.slice(from, to).map((day, index) => (day.tempMax - nextDay(model, days[from + index - 1], day.date)) ** 2);
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** The `horizon` days after the last of `days`. */
export function predict(days: readonly Day[], model: SeasonModel, horizon: number): Prediction[] {
  const last = days.at(-1);
  if (last === undefined) throw new RangeError("A forecast goes on from the last day, and there is none.");
  return Array.from({ length: horizon }, (_, index) => {
    const ahead = index + 1;
    const number = dayNumber(last.date) + ahead;
    const memory = residual(last, model) * model.persistence ** ahead;
    return { date: new Date(number * msPerDay).toISOString().slice(0, 10), tempMax: wave(model, number) + memory };
  });
}

/** Stretches of whole days, as equal as they can be, in order. */
export function foldsOf(days: readonly Day[], folds: number): { from: number; to: number }[] {
  const cut = (fold: number): number => Math.floor((fold * days.length) / folds);
  return Array.from({ length: folds }, (_, fold) => ({ from: cut(fold), to: cut(fold + 1) }));
}

function nextDay(model: SeasonModel, yesterday: Day | undefined, date: string): number {
  const memory = yesterday === undefined ? 0 : model.persistence * residual(yesterday, model);
  return wave(model, dayNumber(date)) + memory;
}

function residual(day: Day, model: SeasonModel): number {
  return day.tempMax - wave(model, dayNumber(day.date));
}

function wave({ harmonics, coefficients }: SeasonModel, number: number): number {
  return basis(number, harmonics).reduce((sum, value, index) => sum + value * (coefficients[index] ?? 0), 0);
}

function basis(number: number, harmonics: number): number[] {
  const angle = (2 * Math.PI * number) / daysPerYear;
  return [1, ...Array.from({ length: harmonics }, (_, index) => [Math.cos((index + 1) * angle), Math.sin((index + 1) * angle)]).flat()];
}

/** Days since 1 January 1970. */
function dayNumber(date: string): number {
  return Date.parse(date) / msPerDay;
}

function follows(before: Day, day: Day): boolean {
  return dayNumber(day.date) - dayNumber(before.date) === 1;
}
