using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sirsi.Architecture.Tests;

/// <summary>Writes what an assembly shows to others as sorted lines, one for each type and member.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Assembly assembly) =>
        assembly.GetExportedTypes().OrderBy(static type => type.FullName, StringComparer.Ordinal).SelectMany(Lines);

    private static IEnumerable<string> Lines(Type type)
    {
        yield return $"{Kind(type)} {Name(type)}";
        // The .proto file says what such a type has, and is held against the last accepted one.
        if (IsWrittenByProtoc(type)) yield break;
        foreach (string line in type.GetMembers(Declared).Where(IsShown).Select(Line).Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal))
            yield return "    " + line;
    }

    private static bool IsWrittenByProtoc(Type type) =>
        type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetCustomAttribute<GeneratedCodeAttribute>()?.Tool == "protoc";

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
        : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static bool IsShown(MemberInfo member)
    {
        // What the compiler writes for a record or an enum says nothing that its declaration does not.
        if (member.IsDefined(typeof(CompilerGeneratedAttribute)) || member.Name is "value__" or "EqualityContract" or "PrintMembers")
            return false;
        return member switch
        {
            Type => false,
            MethodInfo method => IsShown(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
                && method.GetBaseDefinition() == method,
            ConstructorInfo constructor => IsShown(constructor),
            FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
            PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsShown),
            EventInfo happening => happening.AddMethod is { } add && IsShown(add),
            _ => false,
        };
    }

    private static bool IsShown(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Line(MemberInfo member) => member switch
    {
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{Generic(method)}({Parameters(method)})",
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        FieldInfo { IsLiteral: true } field when field.DeclaringType!.IsEnum => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue())}",
        FieldInfo field => $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}",
        PropertyInfo property => $"{(IsStatic(property) ? "static " : "")}{Name(property.PropertyType)} {property.Name} {{ {Accessors(property)} }}",
        EventInfo happening => $"event {Name(happening.EventHandlerType!)} {happening.Name}",
        _ => member.Name,
    };

    private static bool IsStatic(PropertyInfo property) => property.GetAccessors(nonPublic: true)[0].IsStatic;

    private static string Accessors(PropertyInfo property)
    {
        string get = property.GetMethod is { } getter && IsShown(getter) ? "get; " : "";
        if (property.SetMethod is not { } setter || !IsShown(setter)) return get.TrimEnd();
        bool onlyAtStart = setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return get + (onlyAtStart ? "init;" : "set;");
    }

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(static parameter =>
            $"{(parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "")}{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter) return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying) + "?";
        string name = type.Namespace?.StartsWith("Sirsi", StringComparison.Ordinal) == true ? type.FullName ?? $"{type.Namespace}.{type.Name}" : type.Name;
        if (name.IndexOf('[', StringComparison.Ordinal) is var bracket and > 0) name = name[..bracket];
        name = name.Replace('+', '.');
        if (!type.IsGenericType) return name;
        if (name.IndexOf('`', StringComparison.Ordinal) is var tick and > 0) name = name[..tick];
        return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
