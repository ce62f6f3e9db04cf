using System.Text;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Modules.Registry;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Modules.Registry;

/// <summary>A registry on a machine in simulated time, and folders of modules signed by "acme", whom it trusts.</summary>
internal sealed class Shelf : IDisposable
{
    public const string Folder = "modules";

    private int _folders;

    public Shelf(KeyAlgorithm algorithm = KeyAlgorithm.Ed25519, ModuleRegistryOptions? options = null, DeterministicHost? machine = null)
    {
        Machine = machine ?? new DeterministicHost(1);
        Key = NewKey(algorithm);
        Trust("acme", Key);
        Registry = Open(options);
    }

    public DeterministicHost Machine { get; }

    public SigningKey Key { get; }

    public ModuleRegistry Registry { get; private set; }

    public static byte[] Module(string answer = "a") => WatParser.Parse(
        $"""(module (import "extism:host/user" "agent_self" (func (result i64))) (func (export "on_message") (result i32) (i32.const 0)) (func (export "{answer}")))""",
        new WatOptions()).Module!.Value.ToArray();

    public static string Yaml(string version = "1.0.0", string more = "", string name = "hello", string publisher = "acme") =>
        $"schema: sirsi.module/1\nname: {name}\nversion: {version}\nentry: hello.wasm\npublisher: {publisher}\n{more}";

    public static string Asks(params string[] capabilities) => "capabilities:\n" + string.Concat(capabilities.Select(static one => $"- capability: {one}\n  reason: it must\n"));

    public SigningKey NewKey(KeyAlgorithm algorithm = KeyAlgorithm.Ed25519) => SigningKey.Generate(algorithm, Machine.Environment.Random.FillSecret);

    public void Trust(string publisher, SigningKey key) => Write(Path.Combine(Folder, "publishers"), publisher + ".pem", Encoding.UTF8.GetBytes(key.VerificationKey.ToPem()));

    public ModuleRegistry Open(ModuleRegistryOptions? options = null) => Machine.Run(() => ModuleRegistry.OpenAsync(Machine.Environment, Folder, options));

    public void Reopen(ModuleRegistryOptions? options = null)
    {
        Registry.Dispose();
        Registry = Open(options);
    }

    /// <summary>A new folder with a module in it; signed unless there is no key.</summary>
    public string Make(string yaml, byte[]? entry = null, SigningKey? key = null, bool signs = true, string file = "hello.wasm")
    {
        string folder = $"folder{_folders++}";
        entry ??= Module();
        string path = Path.Combine(folder, file);
        Write(Path.GetDirectoryName(path)!, Path.GetFileName(path), entry);
        Write(folder, "module.yaml", Encoding.UTF8.GetBytes(signs ? ModuleSignature.Sign(yaml, "module.yaml", entry, key ?? Key) : yaml));
        return folder;
    }

    public InstalledModule Add(string yaml, byte[]? entry = null, SigningKey? key = null, bool signs = true)
    {
        string folder = Make(yaml, entry, key, signs);
        return Machine.Run(() => Registry.AddAsync(folder));
    }

    public HypervisorException Refused(Func<Task> work) => Assert.Throws<HypervisorException>(() => Machine.Run(work));

    public HypervisorException RefusedToAdd(string folder) => Refused(() => Registry.AddAsync(folder));

    public InstalledModule Grant(string name = "hello") => Machine.Run(() => Registry.GrantAsync(name, null, "alice"));

    public InstalledModule Activate(string name = "hello") => Machine.Run(() => Registry.ActivateAsync(name));

    public void Write(string folder, string name, byte[] bytes)
    {
        HostFolder opened = Machine.Files.OpenFolder(folder);
        opened.Delete(name);
        using HostFile file = opened.Open(name, HostFileAccess.Append);
        Machine.Run(() => file.AppendAsync(bytes, CancellationToken.None).AsTask());
        Machine.Run(() => file.FlushAsync(CancellationToken.None).AsTask());
        Machine.Run(() => opened.FlushAsync(CancellationToken.None).AsTask());
    }

    public string[] Objects => [.. Machine.Files.OpenFolder(Path.Combine(Folder, "objects")).List()];

    public void Dispose()
    {
        Registry.Dispose();
        Key.Dispose();
    }
}
