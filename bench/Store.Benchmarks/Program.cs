using Sirsi.Store.Benchmarks;

switch (args.FirstOrDefault())
{
    case "sqlite":
        await SqliteBenchmark.RunAsync(args.ElementAtOrDefault(1) ?? Path.Combine(Directory.GetCurrentDirectory(), "artifacts", "bench-store"));
        return 0;
    case "postgres":
        return await PostgresBenchmark.RunAsync(Environment.GetEnvironmentVariable("SIRSI_TEST_POSTGRES"));
    default:
        Console.WriteLine("Store.Benchmarks sqlite [FOLDER]   durable units of work of 64 callers against one by one, and the disk's fdatasync");
        Console.WriteLine("Store.Benchmarks postgres          against pgbench on the server of SIRSI_TEST_POSTGRES (eval \"$(tests/servers start postgres)\")");
        return 2;
}
