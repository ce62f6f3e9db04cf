using System.Collections.Immutable;
using System.Security.Cryptography;
using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>How the store's file is read, changed and written.</summary>
public sealed partial class LocalSecretStore
{
    private static LocalSecretStore Read(
        byte[] file, HostEnvironment environment, HostFolder folder, IDisposable held, MasterKey key, SecretStoreOptions options)
    {
        SecretFileHeader header = SecretFile.ReadHeader(file, options.PassphraseLimits);
        if (header.IsPassphrase != key.IsPassphrase)
        {
            throw new HypervisorException(HypervisorErrors.SecretFileForeign, header.IsPassphrase
                ? "The secrets are under a passphrase, and a key file was given."
                : "The secrets are under a key file, and a passphrase was given.");
        }

        var keys = new SecretKeys(key, header.Salt, header.Cost);
        try
        {
            ImmutableDictionary<SecretKey, StoredSecret> secrets = SecretFile.ReadSecrets(file, keys);
            folder.Delete(NewFileName); // Of a change that did not come to its end.
            return new LocalSecretStore(environment, folder, held, options, header, keys, secrets);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    private static async ValueTask<LocalSecretStore> CreateAsync(
        HostEnvironment environment, HostFolder folder, IDisposable held, MasterKey key, SecretStoreOptions options, CancellationToken cancellation)
    {
        SecretFileHeader header = NewHeader(environment, key, options);
        var keys = new SecretKeys(key, header.Salt, header.Cost);
        try
        {
            ImmutableDictionary<SecretKey, StoredSecret> none = ImmutableDictionary<SecretKey, StoredSecret>.Empty;
            await WriteAsync(folder, SecretFile.Write(header, keys, none)!, cancellation);
            return new LocalSecretStore(environment, folder, held, options, header, keys, none);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    private static SecretFileHeader NewHeader(HostEnvironment environment, MasterKey key, SecretStoreOptions options)
    {
        byte[] salt = new byte[SecretFileHeader.SaltSize];
        environment.Random.FillSecret(salt);
        return new SecretFileHeader(key.IsPassphrase, options.PassphraseCost, salt);
    }

    private static async ValueTask<byte[]> ReadFileAsync(HostFolder folder, CancellationToken cancellation)
    {
        using HostFile file = folder.Open(FileName, HostFileAccess.Read);
        if (file.Length > SecretFile.LengthMax)
            throw new HypervisorException(HypervisorErrors.SecretFileForeign, $"The file has {file.Length} bytes; a file of secrets has at most {SecretFile.LengthMax}.");
        byte[] bytes = new byte[file.Length];
        int count = 0;
        while (count < bytes.Length)
        {
            int read = await file.ReadAsync(count, bytes.AsMemory(count), cancellation);
            if (read == 0) throw SecretFile.Damaged();
            count += read;
        }

        return bytes;
    }

    /// <summary>Puts the bytes in the place of the file. Until they are on the disk nothing of the old file is touched; from the renaming on there is no way back.</summary>
    private static async ValueTask WriteAsync(HostFolder folder, byte[] bytes, CancellationToken cancellation)
    {
        try
        {
            folder.Delete(NewFileName);
            using (HostFile file = folder.Open(NewFileName, HostFileAccess.Append))
            {
                await file.AppendAsync(bytes, cancellation);
                await file.FlushAsync(cancellation);
            }

            folder.Rename(NewFileName, FileName);
            await folder.FlushAsync(CancellationToken.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreachable(failure);
        }
    }

    private static HypervisorException Unreachable(Exception failure) =>
        new(HypervisorErrors.SecretStoreUnreachable, $"The file of secrets cannot be read or written: {failure.Message}", failure);

    /// <summary>Changes the secrets, one change after the other; <paramref name="change"/> runs under the lock. Its result counts when it is on the disk.</summary>
    private async ValueTask ChangeAsync(
        Func<ImmutableDictionary<SecretKey, StoredSecret>, ImmutableDictionary<SecretKey, StoredSecret>> change, CancellationToken cancellation)
    {
        await EnterAsync(cancellation);
        try
        {
            ImmutableDictionary<SecretKey, StoredSecret> changed;
            byte[] file;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                changed = change(_secrets);
                if (ReferenceEquals(changed, _secrets)) return;
                file = SecretFile.Write(_header, _keys, changed) ?? throw Full();
            }

            await WriteAsync(_folder, file, cancellation);
            lock (_gate) _secrets = changed;
        }
        finally
        {
            Leave();
        }
    }

    private (ImmutableDictionary<SecretKey, StoredSecret> Secrets, byte[] File) Rewrap(SecretFileHeader header, SecretKeys keys)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                var rewrapped = _secrets.ToImmutableDictionary(static entry => entry.Key, entry => entry.Value with
                {
                    Versions = [.. entry.Value.Versions.Select(version => version.Rewrap(entry.Key, _keys, keys, _environment.Random.FillSecret))],
                });
                return (rewrapped, SecretFile.Write(header, keys, rewrapped) ?? throw Full());
            }
            catch (CryptographicException failure)
            {
                throw SecretFile.Damaged(failure);
            }
        }
    }

    private async ValueTask EnterAsync(CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > _options.ChangesWaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            throw new HypervisorException(HypervisorErrors.SecretStoreBusy, $"{_options.ChangesWaitingMax} changes of secrets are waiting, which is the limit.");
        }

        try
        {
            await _turn.Reader.ReadAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void Leave() => _turn.Writer.TryWrite(true);

    private ImmutableDictionary<SecretKey, StoredSecret> Secrets()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _secrets;
        }
    }

    private SealedVersion? Find(SecretKey key, int? number)
    {
        if (_secrets.GetValueOrDefault(key) is not { Versions: { Length: > 0 } versions }) return null;
        return number is null ? versions[^1] : versions.FirstOrDefault(version => version.Number == number);
    }

    private static SecretKey KeyOf(ProjectScope scope, string name)
    {
        ThrowUnlessWhole(scope);
        return new SecretKey(scope, new SecretReference(name).Name);
    }

    private static void ThrowUnlessWhole(ProjectScope scope)
    {
        if (scope.Tenant.IsEmpty || scope.Project.IsEmpty) throw new ArgumentException("Secrets belong to a tenant and a project.", nameof(scope));
    }

    private static HypervisorException Full() =>
        new(HypervisorErrors.SecretStoreFull, $"The file of secrets would have more than {SecretFile.LengthMax} bytes.");
}
