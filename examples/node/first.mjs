// A first client in Node: connects, opens a session, submits one message and prints the echo.
import { connect } from "@nnrp/native";

const connection = await connect(process.argv[2] ?? "nnrp+tcp://127.0.0.1:4433");
const session = await connection.openSession();
for await (const result of session.submit(Buffer.from("hello")).results()) {
  console.log(Buffer.from(result.bytes).toString());
}
await session.close();
await connection.close();
