import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { SkeinStack } from "./skein-stack.ts";

const app = new App();
new SkeinStack(app, "Skein");
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
