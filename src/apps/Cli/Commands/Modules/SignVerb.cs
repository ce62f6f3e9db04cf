using System.CommandLine;
using System.Text;
using Sirsi.Cli.Commands.Wasm;
using Sirsi.Cli.Output;
using Sirsi.Core.Cryptography;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Modules.Registry;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module sign</c>.</summary>
internal static class SignVerb
{
    public static Verb Create(Terminal terminal)
    {
        var folder = new Argument<string>("FOLDER") { Description = "The folder with module.yaml and what it names." };
        var keyFile = new Option<string>("--key") { Description = "The publisher's private key, PEM: Ed25519 or ECDSA P-256.", HelpName = "FILE", Required = true };
        Option<bool> json = ModuleHome.Json();
        var verb = new Verb("sign", "Writes digest and signature into a module's manifest; the rest of it stays as it is.",
            "openssl genpkey -algorithm ed25519 -out acme.key", "sirsi module sign modules/tag-policy --key acme.key")
        {
            folder, keyFile, json,
        };
        verb.SetAction(parsed =>
        {
            string place = Path.GetFullPath(parsed.GetRequiredValue(folder)), path = Path.Combine(place, ModuleManifest.FileName);
            byte[] text = ModuleFile.Read(path).Content;
            ManifestResult result = ModuleManifest.Read(text, path);
            if (result.Manifest is not { } manifest)
                throw new HypervisorException(HypervisorErrors.ModuleManifestInvalid, string.Join('\n', result.Problems.Select(static problem => $"{problem.Position}: {problem.Message}")));
            using var key = SigningKey.FromPem(Encoding.UTF8.GetString(ModuleFile.Read(parsed.GetRequiredValue(keyFile)).Content));
            byte[] entry = ModuleFile.Read(Path.Combine(place, manifest.Entry)).Content;
            string signed = ModuleSignature.Sign(Encoding.UTF8.GetString(text), path, entry, key);
            ModuleFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(signed)));
            if (parsed.GetValue(json))
            {
                terminal.WriteJson("sirsi.module-signing/1", writer =>
                {
                    writer.WriteString("manifest", path);
                    writer.WriteString("publisher", manifest.Publisher);
                    writer.WriteString("digest", Sha256.Of(entry).ToString());
                    writer.WriteString("key", key.VerificationKey.Thumbprint);
                });
            }
            else terminal.Results.WriteLine($"Signed {manifest.Name}@{manifest.Version} as {manifest.Publisher}. Who trusts its public key may add it.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
