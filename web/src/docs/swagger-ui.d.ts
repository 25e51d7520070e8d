declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface SwaggerRequest {
    readonly method?: string;
    readonly loadSpec?: boolean;
    readonly headers: Record<string, string>;
  }
  interface SwaggerOptions {
    readonly dom_id: string;
    readonly url: string;
    readonly validatorUrl: null;
    readonly requestInterceptor: (request: SwaggerRequest) => Promise<SwaggerRequest>;
  }
  export default function SwaggerUI(options: SwaggerOptions): unknown;
}
