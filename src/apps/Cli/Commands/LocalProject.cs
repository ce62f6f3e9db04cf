using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sirsi.Store;

namespace Sirsi.Cli.Commands;

/// <summary>The project a command works in, which has sessions, agents and secrets of its own. While there is no server, one tenant stands for the machine, and its projects are what people name.</summary>
/// <param name="Name">What people call it; empty for the one that stands for the machine.</param>
/// <param name="Scope">Its tenant and id.</param>
internal sealed partial record LocalProject(string Name, ProjectScope Scope)
{
    private const string Variable = "SIRSI_PROJECT";
    private const string Rule = "a project's name is 1 to 64 lower-case letters, digits, '-', '_' and '.', beginning with a letter";

    private static readonly Guid First = new("00000000-0000-7000-8000-000000000001");

    /// <summary>The one that stands for the machine: ids that no clock and no chance made.</summary>
    public static LocalProject OfMachine { get; } = new("", new ProjectScope(new TenantId(First), new ProjectId(First)));

    /// <summary>The end of a phrase: where something is looked for.</summary>
    public string Where => Name.Length == 0 ? "" : $" in the project '{Name}'";

    /// <summary>The option that names it.</summary>
    public static Option<string?> Option()
    {
        var option = new Option<string?>("--project") { Description = $"The project: others are not seen. Default: {Variable}, else the one of this machine.", HelpName = "NAME" };
        option.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !IsName().IsMatch(name)) result.AddError($"--project: {Rule}.");
        });
        return option;
    }

    /// <summary>The project of a name; without one, of the environment's.</summary>
    /// <exception cref="CliException">The environment's is no name.</exception>
    public static LocalProject Of(string? name)
    {
        name ??= Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(name)) return OfMachine;
        return IsName().IsMatch(name) ? new LocalProject(name, OfMachine.Scope with { Project = IdOf(name) }) : throw new CliException(CliErrors.Usage, $"{Variable}: {Rule}.");
    }

    /// <summary>Made of the name alone, so that no list of names is needed; in the form of an id, with no time in it.</summary>
    private static ProjectId IdOf(string name)
    {
        Span<byte> id = SHA256.HashData(Encoding.UTF8.GetBytes("sirsi project " + name)).AsSpan(0, 16);
        id[..6].Clear();
        id[6] = (byte)(0x70 | (id[6] & 0x0F));
        id[8] = (byte)(0x80 | (id[8] & 0x3F));
        return new ProjectId(new Guid(id, bigEndian: true));
    }

    [GeneratedRegex("^[a-z][a-z0-9._-]{0,63}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex IsName();
}
