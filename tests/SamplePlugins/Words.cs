namespace Sample.Words;

/// <summary>What the greeting says; each version of the plug-in brings its own version of this assembly.</summary>
public static class Vocabulary
{
#if VERSION1
    public static string Greeting => "Hello";
#else
    public static string Greeting => "Welcome";
#endif
}
