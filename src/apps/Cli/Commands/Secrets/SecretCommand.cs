using System.CommandLine;
using Sirsi.Cli.Commands.Modules;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;

namespace Sirsi.Cli.Commands.Secrets;

/// <summary>What a command does with the secrets of a project; there is no store when none was ever stored.</summary>
internal delegate Task SecretWork(ISecretStore? store, ProjectScope scope, ParseResult parsed, bool json, CancellationToken cancellation);

/// <summary><c>sirsi secret</c>: the secrets that agents refer to. Values go in and never come out.</summary>
internal static class SecretCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment) =>
        new("secret", "Keeps secrets for the agents of this machine, encrypted. Agents refer to them; values are filled in where a request leaves.")
        {
            SecretVerbs.Set(terminal, environment),
            SecretVerbs.Bind(terminal, environment),
            SecretVerbs.List(terminal, environment),
            SecretVerbs.Delete(terminal, environment),
        };

    /// <summary>The argument that names a secret. What is none is not quoted: it may be the secret itself.</summary>
    public static Argument<string> Name()
    {
        var name = new Argument<string>("NAME") { Description = "The secret's name, as shop/token: letters, digits, '-' and '_' in parts joined by '.' or '/'." };
        name.Validators.Add(static result =>
        {
            if (!SecretReference.TryParse("secret:" + result.GetValueOrDefault<string>(), out SecretReference reference) || reference.Version is not null) result.AddError("NAME is no name of a secret.");
        });
        return name;
    }

    /// <summary>The option that binds to a host.</summary>
    public static Option<string[]> Hosts()
    {
        var hosts = new Option<string[]>("--host") { Description = "A host to whose requests it may be filled in, as api.example.com, api.example.com:8443 or *.example.com; any number of times.", HelpName = "HOST" };
        hosts.Validators.Add(static result =>
        {
            try
            {
                SecretHosts.Of(result.Tokens.Select(static token => token.Value));
            }
            catch (HypervisorException none)
            {
                result.AddError($"--host: {none.Message}");
            }
        });
        return hosts;
    }

    /// <summary>The option that takes all bounds away.</summary>
    public static Option<bool> AnyHost() => new("--any-host") { Description = "Let it be filled in for any host that an agent may make requests to." };

    /// <summary>What both say; null when neither does.</summary>
    public static SecretHosts? Read(ParseResult parsed, Option<string[]> hosts, Option<bool> any)
    {
        string[] given = parsed.GetValue(hosts) ?? [];
        if (given.Length > 0 && parsed.GetValue(any)) throw new CliException(CliErrors.Usage, "Name hosts with --host, or give --any-host; not both.");
        return given.Length > 0 ? SecretHosts.Of(given) : parsed.GetValue(any) ? SecretHosts.Any : null;
    }

    /// <summary>Gives a verb its work and the options that all of these have.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="environment">The machine.</param>
    /// <param name="makes">Whether the store is made when there is none.</param>
    /// <param name="work">What it does.</param>
    public static Verb Create(Verb verb, HostEnvironment environment, bool makes, SecretWork work)
    {
        Option<string?> home = DataFolder.Option(), project = LocalProject.Option();
        Option<bool> json = ModuleHome.Json();
        verb.Add(project);
        verb.Add(home);
        verb.Add(json);
        verb.SetAction(async (parsed, cancellation) =>
        {
            ProjectScope scope = LocalProject.Of(parsed.GetValue(project)).Scope;
            LocalSecretStore? store = makes ? await SecretHome.OpenAsync(environment, parsed.GetValue(home), cancellation)
                : await SecretHome.OpenIfThereAsync(environment, parsed.GetValue(home), cancellation);
            try
            {
                await work(store, scope, parsed, parsed.GetValue(json), cancellation);
                return ExitCode.Ok;
            }
            finally
            {
                if (store is not null) await store.DisposeAsync();
            }
        });
        return verb;
    }
}
