/** Running totals up to and with an entry. */
export interface Totals {
  readonly turns: number;
  /** Step runs called, items of maps included. */
  readonly called: number;
  /** Step runs ended, by status. */
  readonly ended: Readonly<Record<string, number>>;
}
