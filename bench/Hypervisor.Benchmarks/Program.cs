using Sirsi.Hypervisor.Benchmarks;

string verb = args.Length > 0 ? args[0] : "";
int rounds = args.Length > 1 && int.TryParse(args[1], out int given) ? given : 5;
switch (verb)
{
    case "messages":
        await Messages.RunAsync(rounds);
        return 0;
    case "spawn":
        await Spawning.RunAsync(rounds);
        return 0;
    case "restart":
        await Restarting.RunAsync(rounds);
        return 0;
    case "durable":
        await DurableRuns.RunAsync(rounds);
        return 0;
    case "ledger":
        await LedgerRuns.RunAsync(rounds);
        return 0;
    case "runaways":
        await Runaways.RunAsync(rounds);
        return 0;
    case "guests":
        await GuestCrowd.RunAsync(rounds);
        return 0;
    case "tasks":
        await TaskRuns.RunAsync(rounds);
        return 0;
    case "recovery":
        await TaskRuns.RecoverAsync(rounds);
        return 0;
    case "crowd":
        await Crowd.RunAsync();
        return 0;
    case "timers":
        return await Timers.RunAsync(rounds) ? 0 : 1;
    case "budgets":
        BudgetBenchmark.Run();
        return 0;
    default:
        Console.Error.WriteLine("usage: Hypervisor.Benchmarks messages|spawn|restart|durable|ledger|runaways|guests|tasks|recovery|crowd|timers|budgets [ROUNDS]   (the first two beside Erlang/OTP when 'erl' is on the PATH)");
        return 2;
}
