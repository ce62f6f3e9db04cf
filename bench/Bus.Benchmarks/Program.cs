using Sirsi.Bus.Benchmarks;

return args switch
{
    ["redis", string address] => await RedisPublishing.RunAsync(address),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Bus.Benchmarks redis HOST:PORT    publishing through the bus against redis-benchmark's XADD, on the same server");
    return 2;
}
