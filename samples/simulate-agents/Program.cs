using Sirsi.Core.Hosting;
using Sirsi.Samples.SimulateAgents;
using Sirsi.Simulation;
using Sirsi.Simulation.Running;

// A hall of five seats, sold by one agent, for 500 seeds: does it ever sell a seat twice, whatever fails?
var bookings = new ScenarioType("bookings", "No seat is sold twice, and who was told that he has one has it.", static () => new Bookings());
CampaignReport report = await Simulator.RunAsync(HostEnvironment.Production, [bookings], first: 1, last: 500);
Console.WriteLine($"{report.Seeds} seeds, {report.Crashes} ends of the process, {report.VirtualTime.TotalHours:F1} virtual hours in {report.RealTime.TotalSeconds:F1} s");
foreach (SimulationReport broken in report.Failures) Console.WriteLine($"seed {broken.Seed}: {broken.Violation}");
return report.Failures.IsEmpty ? 0 : 1;
