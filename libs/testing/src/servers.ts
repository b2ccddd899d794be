/** The URL of a backing server; the test runner's finder sets it. */
export function serverUrl(variable: 'POSTGRES_URL' | 'AMQP_URL'): string {
  const url = process.env[variable];
  if (url === undefined || url === '') {
    throw new Error(`${variable} is not set: run the tests with "npm test", which finds servers`);
  }
  return url;
}
