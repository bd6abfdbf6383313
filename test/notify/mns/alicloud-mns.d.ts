/** The parts of @alicloud/mns, which has no types, that the tests use. */
declare module '@alicloud/mns' {
  interface Answer<Body> {
    readonly code: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Body | undefined;
  }
  type Fields = Readonly<Record<string, string>>;
  type Parameters = Readonly<Record<string, string | number>>;

  class MnsClient {
    constructor(accountId: string, options: { accessKeyId: string; accessKeySecret: string; endpoint: string });
    createTopic(name: string, parameters?: Parameters): Promise<Answer<undefined>>;
    publishMessage(topic: string, message: Parameters): Promise<Answer<Fields>>;
    createQueue(name: string, parameters?: Parameters): Promise<Answer<undefined>>;
    sendMessage(queue: string, message: Parameters): Promise<Answer<Fields>>;
    peekMessage(queue: string): Promise<Answer<Fields>>;
    receiveMessage(queue: string, waitSeconds?: number): Promise<Answer<Fields>>;
    batchReceiveMessage(queue: string, count: number): Promise<Answer<readonly Fields[]>>;
    deleteMessage(queue: string, receiptHandle: string): Promise<Answer<undefined>>;
  }
  // biome-ignore lint/style/noDefaultExport: that is what the package has
  export default MnsClient;
}
