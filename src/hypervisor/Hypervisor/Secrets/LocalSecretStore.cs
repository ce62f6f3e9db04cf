using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Threading.Channels;
using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>
/// Secrets in one encrypted file of a folder, which one store at a time keeps. Each version has a data key of its own under the master key, bound to tenant, project, name and version.
/// A change writes the file anew beside the old one and takes its place when it is on the disk: a loss of power leaves the one or the other. In memory secrets stay encrypted, too.
/// </summary>
public sealed partial class LocalSecretStore : ISecretStore, IAsyncDisposable
{
    /// <summary>The most bytes of a secret.</summary>
    public const int ValueLengthMax = 65_536;

    private const string FileName = "secrets.sealed";
    private const string NewFileName = "secrets.new";

    private readonly HostEnvironment _environment;
    private readonly HostFolder _folder;
    private readonly IDisposable _held;
    private readonly SecretStoreOptions _options;

    /// <summary>Holds the right to change the store when nobody has it.</summary>
    private readonly Channel<bool> _turn = Channel.CreateBounded<bool>(1);

    /// <summary>Guards what follows: keys fit the secrets, and are wiped while nobody uses them.</summary>
    private readonly Lock _gate = new();
    private SecretFileHeader _header;
    private SecretKeys _keys;
    private ImmutableDictionary<SecretKey, StoredSecret> _secrets;
    private int _waiting;
    private bool _isDisposed;

    private LocalSecretStore(
        HostEnvironment environment, HostFolder folder, IDisposable held, SecretStoreOptions options, SecretFileHeader header, SecretKeys keys,
        ImmutableDictionary<SecretKey, StoredSecret> secrets)
    {
        (_environment, _folder, _held, _options, _header, _keys, _secrets) = (environment, folder, held, options, header, keys, secrets);
        _turn.Writer.TryWrite(true);
    }

    /// <summary>Opens the store of a folder, or makes one where there is none.</summary>
    /// <param name="environment">The clock, the randomness and the disks.</param>
    /// <param name="path">The folder; only its owner should have rights to it.</param>
    /// <param name="key">The master key; the caller disposes of it.</param>
    /// <param name="options">Limits and costs.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <exception cref="HypervisorException">3061 to 3063: the file is damaged, of another kind, or of another key. 3066: the folder is in use. 3067: the disk.</exception>
    public static async ValueTask<LocalSecretStore> OpenAsync(
        HostEnvironment environment, string path, MasterKey key, SecretStoreOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        IDisposable? held = null;
        try
        {
            HostFolder folder = environment.Files.OpenFolder(path);
            held = folder.TryLock() ?? throw new HypervisorException(HypervisorErrors.SecretStoreInUse,
                $"The secrets in {path} are kept by {folder.LockHolder() ?? "another store"}.");
            LocalSecretStore store = folder.List().Contains(FileName, StringComparer.Ordinal)
                ? Read(await ReadFileAsync(folder, cancellation), environment, folder, held, key, options)
                : await CreateAsync(environment, folder, held, key, options, cancellation);
            held = null;
            return store;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreachable(failure);
        }
        finally
        {
            held?.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask<SecretValue?> GetAsync(ProjectScope scope, SecretReference reference, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<SecretValue?>(cancellation);
        SecretKey key = KeyOf(scope, reference.Name);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (Find(key, reference.Version) is not { } version) return ValueTask.FromResult<SecretValue?>(null);
            var value = new SecretValue(new SecretReference(key.Name, version.Number), _secrets[key].Hosts, version.ValueLength);
            try
            {
                version.Open(key, _keys, value.Room);
                return ValueTask.FromResult<SecretValue?>(value);
            }
            catch (CryptographicException failure)
            {
                value.Dispose();
                return ValueTask.FromException<SecretValue?>(SecretFile.Damaged(failure));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SecretReference> PutAsync(ProjectScope scope, string name, ReadOnlyMemory<byte> value, SecretHosts? hosts, CancellationToken cancellation)
    {
        SecretKey key = KeyOf(scope, name);
        if (value.IsEmpty) throw new ArgumentException("A secret has at least one byte.", nameof(value));
        if (value.Length > ValueLengthMax)
            throw new HypervisorException(HypervisorErrors.SecretStoreFull, $"A secret has at most {ValueLengthMax} bytes; this one has {value.Length}.");
        int number = 0;
        await ChangeAsync(secrets =>
        {
            StoredSecret? before = secrets.GetValueOrDefault(key);
            if (before is null && secrets.Count >= _options.SecretsMax)
                throw new HypervisorException(HypervisorErrors.SecretStoreFull, $"The store has {secrets.Count} names, which is its limit.");
            number = (before?.LastNumber ?? 0) + 1;
            long now = _environment.Time.GetUtcNow().UtcTicks;
            SealedVersion version = SealedVersion.Seal(key, number, now, value.Span, _keys, _environment.Random.FillSecret);
            ImmutableArray<SealedVersion> kept = [.. (before?.Versions ?? []).TakeLast(_options.VersionsMax - 1), version];
            return secrets.SetItem(key, new StoredSecret(number, kept, hosts ?? before?.Hosts ?? SecretHosts.Any));
        }, cancellation);
        return new SecretReference(name, number);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> BindAsync(ProjectScope scope, string name, SecretHosts hosts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        SecretKey key = KeyOf(scope, name);
        bool isThere = false;
        await ChangeAsync(secrets =>
        {
            isThere = secrets.GetValueOrDefault(key) is { Versions.Length: > 0 };
            return isThere ? secrets.SetItem(key, secrets[key] with { Hosts = hosts }) : secrets;
        }, cancellation);
        return isThere;
    }

    /// <inheritdoc/>
    public ValueTask<SecretHosts?> HostsAsync(ProjectScope scope, string name, CancellationToken cancellation)
    {
        SecretKey key = KeyOf(scope, name);
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<SecretHosts?>(cancellation);
        return ValueTask.FromResult(Secrets().GetValueOrDefault(key) is { Versions.Length: > 0 } secret ? secret.Hosts : null);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(ProjectScope scope, CancellationToken cancellation)
    {
        ThrowUnlessWhole(scope);
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<IReadOnlyList<string>>(cancellation);
        IReadOnlyList<string> names = [.. Secrets().Where(entry => entry.Key.Scope == scope && entry.Value.Versions.Length > 0)
            .Select(static entry => entry.Key.Name).Order(StringComparer.Ordinal)];
        return ValueTask.FromResult(names);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SecretVersion>> VersionsAsync(ProjectScope scope, string name, CancellationToken cancellation)
    {
        SecretKey key = KeyOf(scope, name);
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<IReadOnlyList<SecretVersion>>(cancellation);
        IReadOnlyList<SecretVersion> versions = [.. (Secrets().GetValueOrDefault(key)?.Versions ?? [])
            .Select(static version => new SecretVersion(version.Number, new DateTimeOffset(version.CreatedTicks, TimeSpan.Zero)))];
        return ValueTask.FromResult(versions);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(ProjectScope scope, string name, CancellationToken cancellation)
    {
        SecretKey key = KeyOf(scope, name);
        bool was = false;
        await ChangeAsync(secrets =>
        {
            was = secrets.GetValueOrDefault(key) is { Versions.Length: > 0 };
            return was ? secrets.SetItem(key, secrets[key] with { Versions = [], Hosts = SecretHosts.Any }) : secrets;
        }, cancellation);
        return was;
    }

    /// <summary>
    /// Puts the store under another master key. Only data keys are wrapped anew. Durable when it completes; when it is interrupted the file is under the
    /// old key or the new one, so keep both until then.
    /// </summary>
    public async ValueTask ChangeKeyAsync(MasterKey key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        SecretFileHeader header = NewHeader(_environment, key, _options);
        SecretKeys unused = new(key, header.Salt, header.Cost);
        try
        {
            await EnterAsync(cancellation);
            try
            {
                (ImmutableDictionary<SecretKey, StoredSecret> rewrapped, byte[] file) = Rewrap(header, unused);
                await WriteAsync(_folder, file, cancellation);
                lock (_gate) (_header, _keys, _secrets, unused) = (header, unused, rewrapped, _keys);
            }
            finally
            {
                Leave();
            }
        }
        finally
        {
            unused.Dispose();
        }
    }

    /// <summary>Waits for changes under way, wipes the keys and gives the folder back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _isDisposed)) return;
        await _turn.Reader.ReadAsync(CancellationToken.None);
        lock (_gate)
        {
            if (!_isDisposed) _held.Dispose();
            _isDisposed = true;
            _keys.Dispose();
        }

        Leave();
    }
}
