using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Core.Documents;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Secrets;

/// <summary><c>sirsi secret set</c>, <c>bind</c>, <c>list</c> and <c>delete</c>.</summary>
internal static class SecretVerbs
{
    public static Verb Set(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> name = SecretCommand.Name();
        var from = new Option<string>("--from") { Description = "The file with the value, - for standard input; a line end at its end is left out.", HelpName = "FILE|-", DefaultValueFactory = static _ => "-" };
        Option<string[]> hosts = SecretCommand.Hosts();
        Option<bool> any = SecretCommand.AnyHost();
        var verb = new Verb("set", "Stores a secret, or a new version of it. Without --host a new one goes to any host, and one that is there stays bound as it is.",
            "sirsi secret set shop/token --host api.example.com < token.txt", "sirsi secret set shop/token --from token.txt --project shop")
        {
            name, from, hosts, any,
        };
        return SecretCommand.Create(verb, environment, makes: true, async (store, scope, parsed, json, cancellation) =>
        {
            SecretHosts? bound = SecretCommand.Read(parsed, hosts, any);
            byte[] bytes = InputBytes.Read(terminal, "@" + parsed.GetRequiredValue(from));
            try
            {
                ReadOnlyMemory<byte> value = WithoutLineEnd(bytes);
                if (value.IsEmpty) throw new CliException(CliErrors.Usage, "The secret is empty: give it on standard input, or with --from FILE.");
                SecretReference stored = await store!.PutAsync(scope, parsed.GetRequiredValue(name), value, bound, cancellation);
                await ShowAsync(terminal, store, scope, stored.Name, "Stored", json, cancellation);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(bytes);
            }
        });
    }

    public static Verb Bind(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> name = SecretCommand.Name();
        Option<string[]> hosts = SecretCommand.Hosts();
        Option<bool> any = SecretCommand.AnyHost();
        var verb = new Verb("bind", "Says to which hosts a secret may go from now on, in all its versions.",
            "sirsi secret bind shop/token --host api.example.com --host api.example.com:8443", "sirsi secret bind shop/token --any-host")
        {
            name, hosts, any,
        };
        return SecretCommand.Create(verb, environment, makes: false, async (store, scope, parsed, json, cancellation) =>
        {
            SecretHosts bound = SecretCommand.Read(parsed, hosts, any) ?? throw new CliException(CliErrors.Usage, "Name the hosts with --host, or give --any-host.");
            string wanted = parsed.GetRequiredValue(name);
            if (store is null || !await store.BindAsync(scope, wanted, bound, cancellation)) throw await UnknownAsync(store, scope, wanted, cancellation);
            await ShowAsync(terminal, store, scope, wanted, "Bound", json, cancellation);
        });
    }

    public static Verb List(Terminal terminal, HostEnvironment environment)
    {
        var verb = new Verb("list", "Lists the secrets of a project, without their values.", "sirsi secret list", "sirsi secret list --project shop --json");
        return SecretCommand.Create(verb, environment, makes: false, async (store, scope, _, json, cancellation) =>
        {
            var secrets = new List<(string Name, SecretHosts Hosts, SecretVersion Last)>();
            foreach (string name in store is null ? [] : await store.ListAsync(scope, cancellation))
                secrets.Add((name, (await store!.HostsAsync(scope, name, cancellation))!, (await store.VersionsAsync(scope, name, cancellation))[^1]));
            if (json)
            {
                terminal.WriteJson("sirsi.secret-list/1", writer =>
                {
                    writer.WriteStartArray("secrets");
                    foreach ((string name, SecretHosts hosts, SecretVersion last) in secrets)
                    {
                        writer.WriteStartObject();
                        WriteMembers(writer, name, hosts, last);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
                return;
            }

            if (secrets.Count == 0)
            {
                terminal.Results.WriteLine("There is no secret. 'sirsi secret set NAME' stores one.");
                return;
            }

            var table = new Listing("Secret", ">Version", "Stored", "Goes to");
            foreach ((string name, SecretHosts hosts, SecretVersion last) in secrets) table.Row(name, Amounts.Count(last.Number), Agents.SessionReport.Instant(last.CreatedAt), hosts.ToString());
            table.WriteTo(terminal.Results);
        });
    }

    public static Verb Delete(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> name = SecretCommand.Name();
        var verb = new Verb("delete", "Deletes a secret with all its versions.", "sirsi secret delete shop/token") { name };
        return SecretCommand.Create(verb, environment, makes: false, async (store, scope, parsed, json, cancellation) =>
        {
            string wanted = parsed.GetRequiredValue(name);
            if (store is null || !await store.DeleteAsync(scope, wanted, cancellation)) throw await UnknownAsync(store, scope, wanted, cancellation);
            if (json) terminal.WriteJson("sirsi.secret-deletion/1", writer => writer.WriteString("name", wanted));
            else terminal.Results.MarkupLineInterpolated($"Deleted [bold]{wanted}[/]");
        });
    }

    private static async Task ShowAsync(Terminal terminal, ISecretStore store, ProjectScope scope, string name, string done, bool json, CancellationToken cancellation)
    {
        SecretHosts hosts = (await store.HostsAsync(scope, name, cancellation))!;
        SecretVersion last = (await store.VersionsAsync(scope, name, cancellation))[^1];
        if (json) terminal.WriteJson("sirsi.secret/1", writer => WriteMembers(writer, name, hosts, last));
        else terminal.Results.MarkupLineInterpolated($"{done} [bold]{name}[/], version {last.Number}, which goes to {hosts}");
    }

    private static void WriteMembers(Utf8JsonWriter json, string name, SecretHosts hosts, SecretVersion last)
    {
        json.WriteString("name", name);
        json.WriteNumber("version", last.Number);
        json.WriteString("storedAt", last.CreatedAt);
        json.WriteTexts("hosts", hosts.Names);
    }

    private static async Task<CliException> UnknownAsync(ISecretStore? store, ProjectScope scope, string name, CancellationToken cancellation) =>
        new(CliErrors.NotFound, $"There is no secret '{name}' in this project; {NearestName.Hint(name, store is null ? [] : [.. await store.ListAsync(scope, cancellation)])}");

    private static ReadOnlyMemory<byte> WithoutLineEnd(ReadOnlyMemory<byte> bytes) =>
        bytes.Span.EndsWith("\r\n"u8) ? bytes[..^2] : bytes.Span.EndsWith("\n"u8) ? bytes[..^1] : bytes;
}
