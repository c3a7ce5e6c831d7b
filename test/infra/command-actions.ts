/** What IAM asks of who sends a command of the SDK, by the command's name. */
export const commandActions: Readonly<Record<string, readonly string[]>> = {
  BatchExecuteStatement: ["dynamodb:PartiQLInsert"],
  BatchGetItem: ["dynamodb:BatchGetItem"],
  BatchWriteItem: ["dynamodb:BatchWriteItem"],
  GetItem: ["dynamodb:GetItem"],
  PutItem: ["dynamodb:PutItem"],
  Query: ["dynamodb:Query"],
  // Its parts are puts.
  TransactWriteItems: ["dynamodb:PutItem"],
  UpdateItem: ["dynamodb:UpdateItem"],
  GetObject: ["s3:GetObject"],
  // To be answered 404 where nothing is there.
  HeadObject: ["s3:GetObject", "s3:ListBucket"],
  PutObject: ["s3:PutObject"],
  // What an upload in parts sends.
  CreateMultipartUpload: ["s3:PutObject"],
  UploadPart: ["s3:PutObject"],
  CompleteMultipartUpload: ["s3:PutObject"],
  AbortMultipartUpload: ["s3:AbortMultipartUpload"],
  Invoke: ["lambda:InvokeFunction"],
  ListVersionsByFunction: ["lambda:ListVersionsByFunction"],
  DeleteFunction: ["lambda:DeleteFunction"],
  DeleteFunctionEventInvokeConfig: ["lambda:DeleteFunctionEventInvokeConfig"],
  SendMessage: ["sqs:SendMessage"],
  FilterLogEvents: ["logs:FilterLogEvents"],
};

/** As `commandActions`, by the name that the SDK's packages export: a command's class, or `Upload`, which sends several. */
export function actionsOfExport(name: string): readonly string[] {
  if (name === "Upload") return [...(commandActions["UploadPart"] ?? []), ...(commandActions["AbortMultipartUpload"] ?? [])];
  return commandActions[name.replace(/Command$/, "")] ?? [`an unknown action for ${name}`];
}
