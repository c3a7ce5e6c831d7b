/** Where AWS answers: an emulator, whoever started it. Without one the tests of this folder are skipped, and say so. */
export const endpoint = process.env["AWS_ENDPOINT_URL"];

/** For the names of test suites. */
export const skipNote = endpoint === undefined ? " (SKIPPED: AWS_ENDPOINT_URL is not set)" : "";
