using Sirsi.Wasm.Extism;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Tests;

/// <summary>Manifests in their JSON form.</summary>
public sealed class ExtismManifestTests
{
    [Fact]
    public void A_manifest_as_others_write_it_is_read()
    {
        ExtismManifest manifest = ExtismManifest.Parse("""
            {
              "wasm": [{ "data": "AGFzbQEAAAA=", "name": "main", "hash": "00" }],
              "memory": { "max_pages": 7, "max_var_bytes": 8, "max_http_response_bytes": 9 },
              "config": { "key": "value" },
              "allowed_hosts": ["*.example.com"],
              "allowed_paths": { "/tmp/x": "/x", "ro:/tmp/y": "/y" },
              "timeout_ms": 1500
            }
            """);
        Assert.Equal([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0], manifest.Modules[0].Bytes.ToArray());
        Assert.Equal(("main", "00"), (manifest.Modules[0].Name, manifest.Modules[0].Sha256));
        Assert.Equal((7, 8, 9), (manifest.MemoryPagesMax, manifest.VariableBytesMax, manifest.HttpResponseBytesMax));
        Assert.Equal("value", manifest.Config["key"]);
        Assert.Equal(["*.example.com"], manifest.AllowedHosts);
        Assert.Equal([new WasiFolder("/tmp/x", "/x", true), new WasiFolder("/tmp/y", "/y")], manifest.AllowedPaths);
        Assert.Equal(TimeSpan.FromMilliseconds(1_500), manifest.Timeout);
        Assert.True(manifest.UsesWasi);
    }

    [Fact]
    public void What_is_left_out_is_closed()
    {
        ExtismManifest manifest = ExtismManifest.Parse("""{"wasm": [{"data": ""}], "allowed_hosts": null}""");
        Assert.Empty(manifest.AllowedHosts);
        Assert.Empty(manifest.AllowedPaths);
        Assert.False(manifest.UsesWasi);
        Assert.Equal(TimeSpan.FromSeconds(30), manifest.Timeout);
        Assert.Equal(Timeout.InfiniteTimeSpan, ExtismManifest.Parse("""{"wasm": [{"data": ""}], "timeout_ms": null}""").Timeout);
    }

    [Fact]
    public void A_manifest_written_and_read_again_is_the_same()
    {
        var manifest = new ExtismManifest
        {
            Modules = [new(new byte[] { 1, 2 }, "a"), new(new byte[] { 3 }, null, "ab")],
            MemoryPagesMax = 3,
            AllowedHosts = ["h"],
            AllowedPaths = [new("/a", "/b"), new("/c", "/d", true)],
            UsesWasi = true,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        string json = manifest.ToJson();
        Assert.Equal(json, ExtismManifest.Parse(json).ToJson());
        Assert.Equal(manifest.AllowedPaths, ExtismManifest.Parse(json).AllowedPaths);
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[]", "wrong kind")]
    [InlineData("{}", "names no module")]
    [InlineData("""{"wasm": [{"data": "?"}]}""", "wrong kind")]
    [InlineData("""{"wasm": [{"name": "x"}]}""", "neither")]
    [InlineData("""{"wasm": [{"url": "https://example.com/x.wasm"}]}""", "address")]
    [InlineData("""{"wasm": [{"path": "x.wasm"}]}""", "no folder")]
    [InlineData("""{"wasm": [{"data": ""}], "allowed_host": []}""", "allowed_host")]
    [InlineData("""{"wasm": [{"data": ""}], "memory": {"pages": 1}}""", "memory.pages")]
    [InlineData("""{"wasm": [{"data": ""}], "memory": {"max_pages": 0}}""", "MemoryPagesMax")]
    [InlineData("""{"wasm": [{"data": ""}], "timeout_ms": -1}""", "wrong kind")]
    [InlineData("""{"wasm": [{"data": ""}], "timeout_ms": 0}""", "Timeout")]
    public void What_is_wrong_is_told(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<ExtismException>(() => ExtismManifest.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_module_path_stays_in_its_folder()
    {
        using var folder = new TemporaryFolder();
        folder.Write("modules/a.wasm", "bytes");
        folder.Write("b.wasm", "secret");
        string modules = folder.File("modules");
        Assert.Equal("bytes"u8, ExtismManifest.Parse("""{"wasm": [{"path": "a.wasm"}]}""", modules).Modules[0].Bytes.Span);
        foreach (string path in (string[])["../b.wasm", "/etc/passwd", "x/../../b.wasm"])
        {
            ExtismException refused = Assert.Throws<ExtismException>(
                () => ExtismManifest.Parse($$"""{"wasm": [{"path": "{{path}}"}]}""", modules));
            Assert.Contains("leads out", refused.Message, StringComparison.Ordinal);
        }

        Assert.Contains(
            "cannot be read",
            Assert.Throws<ExtismException>(() => ExtismManifest.Parse("""{"wasm": [{"path": "none"}]}""", modules)).Message,
            StringComparison.Ordinal);
    }
}
