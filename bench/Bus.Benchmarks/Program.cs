using Sirsi.Bus.Benchmarks;

Console.WriteLine("operation, median of 9 rounds, bytes allocated per operation, budget");
SchemaBenchmarks.Run();
