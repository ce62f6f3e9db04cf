using Sirsi.Bus.Benchmarks;

return args switch
{
    ["schemas"] => Schemas(),
    ["embedded", string folder] => await EmbeddedBenchmarks.RunAsync(folder, seconds: 2),
    ["redis", string address] => await RedisPublishing.RunAsync(address),
    _ => Usage(),
};

static int Schemas()
{
    Console.WriteLine("operation, median of 9 rounds, bytes allocated per operation, budget");
    SchemaBenchmarks.Run();
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: Bus.Benchmarks schemas            checking payloads against parsing them");
    Console.Error.WriteLine("       Bus.Benchmarks embedded FOLDER    the embedded log in a folder against Redis Streams and NATS JetStream on the same disk");
    Console.Error.WriteLine("       Bus.Benchmarks redis HOST:PORT    publishing through the bus against redis-benchmark's XADD, on the same server");
    return 2;
}
