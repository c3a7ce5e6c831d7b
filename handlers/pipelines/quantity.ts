/** How the reports write numbers. */
const wholeNumber = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-US", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const whole = (value: number): string => signed(wholeNumber.format(value));
export const decimal = (value: number): string => signed(oneDigit.format(value));
export const minutes = (value: number): string => `${decimal(value)} min`;
export const share = (value: number): string => signed(percent.format(value));
export const clock = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

/** A minus is as wide as a digit, a hyphen is not. */
const signed = (text: string): string => text.replace("-", "\u2212");
