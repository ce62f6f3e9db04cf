using Sirsi.Core.Benchmarks;

Console.WriteLine("operation, median of 9 rounds, bytes allocated per operation, budget");
GovernorBenchmarks.Run();
PluginBenchmarks.Run();
