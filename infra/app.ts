import { App } from "aws-cdk-lib";
import { SkeinStack } from "./skein-stack.ts";

new SkeinStack(new App(), "Skein");
