using System.Runtime.InteropServices;
using SQLitePCL;

namespace Sirsi.Store.Sqlite;

/// <summary>The SQLite library of this process: the machine's own where it is newer than the one that comes with us.</summary>
internal static class SqliteLibrary
{
    private const string SystemName = "sqlite3";
    private static readonly Lazy<string> Chosen = new(Choose);

    /// <summary>Loads the library once and says which: version and origin.</summary>
    public static string Load() => Chosen.Value;

    private static string Choose()
    {
        ISQLite3Provider bundled = new SQLite3Provider_e_sqlite3();
        ISQLite3Provider? system = TrySystem();
        bool ours = system is null || system.sqlite3_libversion_number() <= bundled.sqlite3_libversion_number();
        raw.SetProvider(ours ? bundled : system);
        return $"{raw.sqlite3_libversion().utf8_to_string()} ({(ours ? "bundled" : "of this machine")})";
    }

    private static ISQLite3Provider? TrySystem()
    {
        try
        {
            // Without the development package the machine has the library only under the name with its version.
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_sqlite3).Assembly, static (name, assembly, path) =>
                name == SystemName && NativeLibrary.TryLoad("libsqlite3.so.0", assembly, path, out nint handle) ? handle : 0);
            ISQLite3Provider provider = new SQLite3Provider_sqlite3();
            return provider.sqlite3_threadsafe() != 0 && provider.sqlite3_libversion_number() > 0 ? provider : null;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return null;
        }
    }
}
